namespace TcpStatExporter.Commands;

/// <summary>Options of the top command.</summary>
internal sealed record TopOptions
{
    /// <summary>Print one frame and read no keys.</summary>
    public required bool IsOnce { get; init; }

    /// <summary>How long to watch before that frame.</summary>
    public required TimeSpan For { get; init; }

    /// <summary>The network namespace that is shown instead of the host's own; null for the host's.</summary>
    public string? Netns { get; init; }

    /// <summary>Output format. Anything other than text prints one frame.</summary>
    public required ReportFormat Format { get; init; }
}
