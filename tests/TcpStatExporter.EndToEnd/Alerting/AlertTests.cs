using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Each fault raises its own alert, on the right listener, and no other page. What only looks like a fault raises none.
/// </summary>
public sealed class AlertTests(FleetRuns runs, ITestOutputHelper output) : IClassFixture<FleetRuns>
{
    private const string Begin = "<!-- confusion matrix: written by the end-to-end tests -->\n";
    private const string End = "<!-- end of confusion matrix -->\n";

    public static TheoryData<string> Names => [.. Scenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_scenario_raises_its_own_alerts_and_no_others(string name)
    {
        var scenario = Scenarios.All.Single(scenario => scenario.Name.Equals(name, StringComparison.Ordinal));

        var received = runs.Received(scenario);

        foreach (var alert in received)
        {
            output.WriteLine($"{alert}\n  {alert.Annotations["summary"]}\n  {alert.Annotations["description"]}");
        }

        foreach (var alert in runs.Of(scenario).Firing.Where(alert => alert.IsOf(scenario)))
        {
            output.WriteLine($"fires in the end: {alert}");
        }

        received.Select(alert => $"{alert.Name} {alert.Severity}").Distinct(StringComparer.Ordinal)
            .ShouldBe(scenario.Expected.Select(expected => $"{expected.Alert} {expected.Severity}"), ignoreOrder: true);
        runs.Of(scenario).IsEvident(scenario).ShouldBeTrue(scenario.Evidence);
        foreach (var alert in received)
        {
            alert.Route.ShouldBe(alert.Severity switch { "critical" => "page", "warning" => "ticket", _ => "nobody" });
            alert.Annotations.Values.ShouldAllBe(text => !text.Contains("<error", StringComparison.Ordinal) && !text.Contains("<no value>", StringComparison.Ordinal));
            alert.Listener.ShouldBe(scenario.Expected.Single(alert.Is).NamesListener ? runs.Of(scenario).Listener(scenario) : null, $"{alert}");
        }
    }

    [Fact]
    public void Every_alert_names_a_host() =>
        runs.All().SelectMany(run => run.Received).Where(alert => alert.Instance.Length == 0).ShouldBeEmpty();

    [Fact]
    public void Every_rule_can_be_evaluated_and_every_alert_delivered()
    {
        foreach (var run in runs.All())
        {
            output.WriteLine($"{run.Scenarios.Count} held, of them to be held again: {string.Join(", ", run.Doubtful.Select(scenario => scenario.Name))}");
            run.Log.ShouldNotContain("err=");
        }
    }

    [Fact]
    public void The_confusion_matrix_matches_the_README()
    {
        var matrix = "\n" + ConfusionMatrix.Write(runs.Received) + "\n";
        output.WriteLine(matrix);
        if (Environment.GetEnvironmentVariable("TCPSTAT_MATRIX") is { Length: > 0 } path)
        {
            File.WriteAllText(path, matrix);
        }

        var readme = File.ReadAllText(Shipped.ReadmePath);
        var begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = readme.IndexOf(End, StringComparison.Ordinal);
        begin.ShouldBeInRange(Begin.Length, end);
        if (Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1")
        {
            File.WriteAllText(Shipped.ReadmePath, readme[..begin] + matrix + readme[end..]);
            return;
        }

        readme[begin..end].ShouldBe(matrix);
    }
}
