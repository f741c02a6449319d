namespace TcpStatExporter.Commands;

/// <summary>Options of the doctor command.</summary>
internal sealed record DoctorOptions
{
    /// <summary>How long to watch.</summary>
    public required TimeSpan For { get; init; }

    /// <summary>Also show the hints that apply to most hosts.</summary>
    public required bool IsAll { get; init; }

    /// <summary>Format of the report.</summary>
    public required ReportFormat Format { get; init; }

    /// <summary>Where to write the kernel parameters that findings suggest. Null if not requested.</summary>
    public required string? SysctlFile { get; init; }
}
