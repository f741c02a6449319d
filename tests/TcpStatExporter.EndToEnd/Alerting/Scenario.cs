namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>One host of the fleet: what is held there, and which alerts must come of it, those and no other.</summary>
/// <param name="Name">Name of the host.</param>
/// <param name="Title">What is held, for the matrix.</param>
/// <param name="Begin">Prepares it, before anything is scraped.</param>
internal sealed record Scenario(string Name, string Title, Func<MonitoredHost, Held> Begin)
{
    /// <summary>The alerts that must come.</summary>
    public IReadOnlyList<Expected> Expected { get; init; } = [];

    /// <summary>
    /// PromQL of what must have been seen at the host in the end: where no alert is to come, nothing else tells that
    /// there was anything to be quiet about.
    /// </summary>
    public string? Evidence { get; init; }

    /// <summary>Flags of the exporter there.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Whether it is held until the slowest rules have looked at it.</summary>
    public bool Lasts { get; init; }

    /// <summary>Whether the exporter is given the root of procfs in which a test may replace files.</summary>
    public bool ReplacesProcfs { get; init; }
}
