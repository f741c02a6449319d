namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// The runs that the tests look at, each made once and only if a test asks: one for what shows at once, one for what
/// has to last until the slower rules have looked at it, each followed by others of what has to be held again.
/// </summary>
public sealed class FleetRuns
{
    private readonly Lazy<IReadOnlyList<FleetRun>> _brief = new(() => FleetRun.Of([.. Scenarios.All.Where(scenario => !scenario.Lasts)], TimeSpan.FromSeconds(45)));
    private readonly Lazy<IReadOnlyList<FleetRun>> _lasting = new(() => FleetRun.Of([.. Scenarios.All.Where(scenario => scenario.Lasts)], TimeSpan.FromSeconds(110)));

    /// <summary>The last run that a scenario was held in.</summary>
    /// <param name="scenario">The scenario.</param>
    internal FleetRun Of(Scenario scenario) => (scenario.Lasts ? _lasting : _brief).Value.Last(run => run.Scenarios.Contains(scenario));

    /// <summary>What reached the receiver from the host of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    internal IReadOnlyList<Alert> Received(Scenario scenario) => Of(scenario).ReceivedOf(scenario);

    /// <summary>All of them.</summary>
    internal IReadOnlyList<FleetRun> All() => [.. _brief.Value, .. _lasting.Value];
}
