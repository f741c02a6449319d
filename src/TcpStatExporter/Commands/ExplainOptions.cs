namespace TcpStatExporter.Commands;

/// <summary>What the command line asked of explain.</summary>
internal sealed record ExplainOptions
{
    /// <summary>Name of a metric, kernel counter, alert or finding.</summary>
    public required string Name { get; init; }

    /// <summary>How long to watch this host for its values.</summary>
    public required TimeSpan For { get; init; }
}
