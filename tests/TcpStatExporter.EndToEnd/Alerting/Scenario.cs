namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>One host in the fleet: what happens there, and exactly which alerts it must raise.</summary>
/// <param name="Name">Name of the host.</param>
/// <param name="Title">What happens, for the matrix.</param>
/// <param name="Begin">Prepares it, before the first scrape.</param>
internal sealed record Scenario(string Name, string Title, Func<MonitoredHost, Held> Begin)
{
    /// <summary>The alerts that must arrive.</summary>
    public IReadOnlyList<Expected> Expected { get; init; } = [];

    /// <summary>
    /// PromQL for what must have been visible at the host at the end. If no alert is expected, nothing else shows that the
    /// condition existed at all.
    /// </summary>
    public string? Evidence { get; init; }

    /// <summary>Flags for the exporter.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>True if it lasts until the slowest rules have evaluated it.</summary>
    public bool Lasts { get; init; }

    /// <summary>True if the exporter gets a procfs root in which a test can replace files.</summary>
    public bool ReplacesProcfs { get; init; }
}
