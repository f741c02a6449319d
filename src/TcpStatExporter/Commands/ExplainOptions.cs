namespace TcpStatExporter.Commands;

/// <summary>Options of the explain command.</summary>
internal sealed record ExplainOptions
{
    /// <summary>Name of a metric, kernel counter, alert or finding.</summary>
    public required string Name { get; init; }

    /// <summary>How long to watch this host to get values.</summary>
    public required TimeSpan For { get; init; }
}
