namespace TcpStatExporter.Commands;

/// <summary>What the command line asked of top.</summary>
internal sealed record TopOptions
{
    /// <summary>One frame, and no keys.</summary>
    public required bool IsOnce { get; init; }

    /// <summary>How long to watch before that one frame.</summary>
    public required TimeSpan For { get; init; }

    /// <summary>Form of it; anything but text is one frame.</summary>
    public required ReportFormat Format { get; init; }
}
