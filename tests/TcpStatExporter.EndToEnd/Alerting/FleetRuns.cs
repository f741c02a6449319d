namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// The runs that the tests look at, each made once and only if a test asks: one for what shows at once, one for what
/// has to last until the slower rules have looked at it.
/// </summary>
public sealed class FleetRuns
{
    private readonly Lazy<FleetRun> _brief = new(() => FleetRun.Of([.. Scenarios.All.Where(scenario => !scenario.Lasts)], TimeSpan.FromSeconds(45)));
    private readonly Lazy<FleetRun> _lasting = new(() => FleetRun.Of([.. Scenarios.All.Where(scenario => scenario.Lasts)], TimeSpan.FromSeconds(110)));

    /// <summary>The run that a scenario is held in.</summary>
    /// <param name="scenario">The scenario.</param>
    internal FleetRun Of(Scenario scenario) => (scenario.Lasts ? _lasting : _brief).Value;

    /// <summary>What reached the receiver from the host of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    internal IReadOnlyList<Alert> Received(Scenario scenario) => [.. Of(scenario).Received.Where(alert => alert.IsOf(scenario))];

    /// <summary>Both.</summary>
    internal IReadOnlyList<FleetRun> All() => [_brief.Value, _lasting.Value];
}
