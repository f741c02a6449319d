using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>Each query of each panel, variable and annotation returns data from a real Prometheus.</summary>
[Collection(SceneDefinition.Name)]
public sealed class DashboardQueryTests(SceneFixture fixture)
{
    /// <summary>Panels that may be empty if one listener is selected, and why.</summary>
    private static readonly Dictionary<string, string> EmptyForOneListener = new(StringComparer.Ordinal)
    {
        ["SYN queue, of the backlog that bounds it"] = "listeners without half-open connections are left out",
        ["Listeners that stopped"] = "it listens",
        ["Accepted and not read"] = "listeners that leave nothing unread are left out",
    };

    private readonly SceneFixture _fixture = fixture;

    [Fact]
    public void Every_query_gives_data()
    {
        var scene = _fixture.Scene;
        var empty = new List<string>();
        foreach (var dashboard in new[] { Dashboard.Fleet, Dashboard.Host })
        {
            foreach (var (values, isOne) in Choices(scene, dashboard))
            {
                foreach (var query in dashboard.Queries)
                {
                    var expression = Dashboard.Fill(query.Expression, values, scene.To - scene.From);
                    var series = scene.Prometheus.Query(expression, query.IsInstant ? null : scene.From, scene.To);
                    if (series.Count == 0 && !MayBeEmpty(query, isOne))
                    {
                        empty.Add($"{dashboard.Uid}, {query.Panel}: {expression}");
                    }
                }
            }
        }

        empty.ShouldBeEmpty();
    }

    [Fact]
    public void Variables_offer_hosts_namespaces_and_listeners()
    {
        var scene = _fixture.Scene;

        var host = Options(scene, Dashboard.Host);
        host["cluster"].ShouldBe([("none", "()")]);
        host["job"].ShouldBe([("tcpstat", "tcpstat")]);
        host["instance"].ShouldBe([("cache-1", "cache-1"), (Scene.Well, Scene.Well), (Scene.Troubled, Scene.Troubled), (Scene.Down, Scene.Down)]);
        host["netns"].ShouldBe([("host", "()"), (Scene.Pod, Scene.Pod)], ignoreOrder: true);
        host["listener"].ShouldContain(option => option.Value == $"{Traffic.Port}" && option.Text.StartsWith($"{Traffic.Port}", StringComparison.Ordinal));
        Options(scene, Dashboard.Fleet)["instance"].Select(option => option.Value).ShouldBe(["cache-1", Scene.Well, Scene.Troubled, Scene.Down]);
    }

    /// <summary>
    /// One host, listener or pod has no others. In the scene no loss is without its listener, and only one destination loses data.
    /// </summary>
    private static bool MayBeEmpty(PanelQuery query, bool isOne) =>
        (isOne && (EmptyForOneListener.ContainsKey(query.Panel) || (query.Expression.Contains(" unless on (", StringComparison.Ordinal) && query.Expression.Contains("topk(", StringComparison.Ordinal)))) ||
        (query.Panel == "Connections of this pod" && query.Expression.Contains(" unless on (", StringComparison.Ordinal)) ||
        (query.Panel is "Retransmitted by destination, the worst" or "Sent again by pods, the worst" && query.Expression.Contains(" unless on (", StringComparison.Ordinal)) ||
        (query.Panel is "Lost at each listener, the worst" or "Lost at listeners of this pod" && query.Expression.Contains("tcpstat_listen_lost_unattributed_total", StringComparison.Ordinal));

    /// <summary>Returns "All" for each variable that offers it, then each of its own values.</summary>
    private static IEnumerable<(Dictionary<string, string> Values, bool IsOne)> Choices(Scene scene, Dashboard dashboard)
    {
        var options = Options(scene, dashboard);
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        var one = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in dashboard.Variables)
        {
            var chosen = Choose(variable.Name, options[variable.Name]);
            one[variable.Name] = chosen;
            all[variable.Name] = !variable.HasAll ? chosen : variable.AllValue ?? $"({string.Join('|', options[variable.Name].Select(option => option.Value))})";
        }

        return [(all, false), (one, true)];
    }

    private static string Choose(string variable, IReadOnlyList<(string Text, string Value)> options) => variable switch
    {
        "instance" => Scene.Troubled,
        "listener" => $"{Traffic.Port}",
        "netns" when options.Any(option => option.Value == "()") => "()",
        _ => options[0].Value,
    };

    private static Dictionary<string, IReadOnlyList<(string Text, string Value)>> Options(Scene scene, Dashboard dashboard)
    {
        var options = new Dictionary<string, IReadOnlyList<(string Text, string Value)>>(StringComparer.Ordinal);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in dashboard.Variables)
        {
            var expression = Dashboard.Fill(variable.Expression, values, scene.To - scene.From);
            options[variable.Name] = variable.Label is { } label
                ? [.. scene.Prometheus.LabelValues(label, expression, scene.From, scene.To).Select(value => (value, value))]
                : [.. scene.Prometheus.Query(expression, from: null, scene.To).Select(Line).Select(line => variable.Pattern!.Match(line)).Select(match => (match.Groups["text"].Value, match.Groups["value"].Value))];
            options[variable.Name].ShouldNotBeEmpty(variable.Name);
            options[variable.Name].ShouldAllBe(option => option.Value.Length > 0, variable.Name);
            values[variable.Name] = Choose(variable.Name, options[variable.Name]);
        }

        return options;
    }

    /// <summary>Formats a series as Grafana does before it applies a variable's pattern.</summary>
    private static string Line(JsonObject series) =>
        $"{{{string.Join(',', series["metric"]!.AsObject().Select(label => $"{label.Key}=\"{label.Value}\""))}}} {series["value"]![1]} {series["value"]![0]}";
}
