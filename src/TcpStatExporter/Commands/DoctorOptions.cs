namespace TcpStatExporter.Commands;

/// <summary>What the command line asked of the doctor.</summary>
internal sealed record DoctorOptions
{
    /// <summary>How long to watch.</summary>
    public required TimeSpan For { get; init; }

    /// <summary>With what most hosts have.</summary>
    public required bool IsAll { get; init; }

    /// <summary>Form of the report.</summary>
    public required ReportFormat Format { get; init; }

    /// <summary>Where to write the kernel parameters that findings justify; none where it was not asked for.</summary>
    public required string? SysctlFile { get; init; }
}
