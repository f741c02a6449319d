namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// The runs that the tests use. Each one is done once, and only if a test asks for it: one run for what shows at once, and
/// one for what has to last until the slower rules have evaluated it. Doubtful scenarios are repeated in further runs.
/// </summary>
public sealed class FleetRuns
{
    private readonly Lazy<IReadOnlyList<FleetRun>> _brief = new(() => FleetRun.Of([.. Scenarios.All.Where(scenario => !scenario.Lasts)], TimeSpan.FromSeconds(45)));
    private readonly Lazy<IReadOnlyList<FleetRun>> _lasting = new(() => FleetRun.Of([.. Scenarios.All.Where(scenario => scenario.Lasts)], TimeSpan.FromSeconds(110)));

    /// <summary>Returns the last run that contains a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    internal FleetRun Of(Scenario scenario) => (scenario.Lasts ? _lasting : _brief).Value.Last(run => run.Scenarios.Contains(scenario));

    /// <summary>Returns what the receiver got from the host of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    internal IReadOnlyList<Alert> Received(Scenario scenario) => Of(scenario).ReceivedOf(scenario);

    /// <summary>Returns all runs.</summary>
    internal IReadOnlyList<FleetRun> All() => [.. _brief.Value, .. _lasting.Value];
}
