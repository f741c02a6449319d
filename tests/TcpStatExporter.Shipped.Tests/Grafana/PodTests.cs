using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>
/// Series of pods and containers have the label netns. A host's figures leave them out, and they have panels of their own.
/// </summary>
public sealed partial class PodTests
{
    private const string Host = "job=\"tcpstat\",instance=\"web1\"";
    private const string Pod = Host + ",netns=\"shop/cart\"";
    private const string Lost = "instance:tcpstat_tcpext_listen_drops:increase2m";
    private const string Info = "tcpstat_netns_info{" + Pod + ",kind=\"pod\",kubernetes_namespace=\"shop\",kubernetes_pod=\"cart\",workload=\"cart\",container=\"app\"}";

    /// <summary>Series that describe a whole host and never have the label, and one that always has it.</summary>
    private static readonly string[] Unmixed =
    [
        "tcpstat_build_info", "tcpstat_memory_bytes", "tcpstat_memory_limit_bytes", "tcpstat_netns_seen", "tcpstat_netns_sampled", "tcpstat_netns_in_trouble",
        "tcpstat_netns_not_exported", "tcpstat_netns_listen_drops_total", "tcpstat_netns_info",
    ];

    public static TheoryData<string> Uids => [.. DashboardFile.Uids];

    /// <summary>
    /// Each selector says which namespaces it means, or its expression keeps the label. Findings of the fleet are counted by
    /// host, those of its pods included.
    /// </summary>
    [Theory]
    [MemberData(nameof(Uids))]
    public void No_figure_mixes_a_host_with_its_pods(string uid)
    {
        foreach (var (place, expression) in DashboardFile.Provisioned(uid).Expressions.Where(query => uid == "tcpstat-host" || query.Place != "Findings"))
        {
            var mixed = Selector().Matches(expression)
                .Where(match => !Unmixed.Contains(match.Groups["name"].Value, StringComparer.Ordinal))
                .Where(match => !match.Groups["matchers"].Value.Contains("netns", StringComparison.Ordinal))
                .Select(match => match.Groups["name"].Value)
                .ToArray();
            if (mixed.Length > 0 && !KeepsTheLabel().IsMatch(expression))
            {
                mixed.ShouldBeEmpty(place);
            }
        }
    }

    [Theory]
    [InlineData("()", 3)]
    [InlineData("shop/cart", 500)]
    public void The_host_page_is_of_the_selected_namespace(string netns, int expected)
    {
        var query = Promql.Fill(Expression("tcpstat-host", "TIME_WAIT, of tcp_max_tw_buckets", column: null), netns: netns);

        Promql.Evaluate(
            [($"instance:tcpstat_sockets_time_wait:ratio{{{Host}}}", "3x5"), ($"instance:tcpstat_sockets_time_wait:ratio{{{Pod}}}", "500x5")],
            (query, new(StringComparer.Ordinal) { ["{}"] = expected }));
    }

    /// <summary>A pod is read every 15 s: the age of its sample is not that of the exporter.</summary>
    [Fact]
    public void The_exporter_is_as_old_as_its_own_sample()
    {
        var tile = DashboardFile.Provisioned("tcpstat-host").Panels.First(panel => (string)panel["title"]! == "Exporter");

        Promql.Evaluate(
            [($"tcpstat_last_sample_timestamp_seconds{{{Host}}}", "0+60x5"), ($"tcpstat_last_sample_timestamp_seconds{{{Pod}}}", "0x5"), ($"up{{{Host}}}", "1x5")],
            (Promql.Fill((string)tile["targets"]![0]!["expr"]!), new(StringComparer.Ordinal) { ["{}"] = 0 }));
    }

    [Fact]
    public void The_fleet_has_a_row_for_the_host_and_one_for_its_pod() => Promql.Evaluate(
        [($"{Lost}{{{Host}}}", "3x5"), ($"{Lost}{{{Pod}}}", "500x5"), (Info, "1x5")],
        (
            Promql.Fill(Expression("tcpstat-fleet", "Hosts: the most loss first, then the fullest queue", "in 2 min")),
            new(StringComparer.Ordinal) { [$"{{in_cluster=\"()\",{Host}}}"] = 3 }),
        (
            Promql.Fill(Expression("tcpstat-fleet", "Pods in trouble: the most loss first", "in 2 min")),
            new(StringComparer.Ordinal) { [$"{{in_cluster=\"()\",in_netns=\"shop/cart\",kind=\"pod\",workload=\"cart\",{Pod}}}"] = 500 }));

    /// <summary>A pod with a small loss comes before one that only sends again, and healthy ones come last.</summary>
    [Fact]
    public void Pods_are_ranked_by_loss_and_then_by_retransmissions()
    {
        var pods = Enumerable.Range(1, 60).Select(number => $"{Host},netns=\"pod-{number:00}\"").ToArray();
        var series = pods.Select(pod => ($"instance:tcpstat_tcp_data_retrans:ratio_rate5m{{{pod}}}", "0.02x5"))
            .Concat(pods.Select((pod, index) => ($"{Lost}{{{pod}}}", index < 49 ? "1x5" : "0x5")))
            .Concat(pods.Select(pod => ($"tcpstat_netns_info{{{pod},kind=\"pod\",workload=\"w\"}}", "1x5")))
            .Append(($"instance:tcpstat_tcp_data_retrans:ratio_rate5m{{{Host},netns=\"sends-again\"}}", "1x5"))
            .Append(($"tcpstat_netns_info{{{Host},netns=\"sends-again\",kind=\"pod\",workload=\"w\"}}", "1x5"));
        var query = Promql.Fill(Expression("tcpstat-fleet", "Pods in trouble: the most loss first", "Sent again"));

        Promql.Evaluate(
            series,
            ($"count({query})", new(StringComparer.Ordinal) { ["{}"] = 50 }),
            ($"count({query} == 1)", new(StringComparer.Ordinal) { ["{}"] = 1 }));
    }

    /// <summary>Grafana repeats it for each pod, and once for an empty name if there is none.</summary>
    [Fact]
    public void A_row_is_about_one_pod_and_never_about_the_host()
    {
        var host = DashboardFile.Provisioned("tcpstat-host");
        var row = host.AllPanels.Single(panel => panel["repeat"] is not null);
        var variable = host.Variables.Single(variable => (string)variable["name"]! == (string)row["repeat"]!);

        ((bool)variable["multi"]!).ShouldBeTrue();
        ((string)variable["current"]!["value"]!).ShouldBe("$__all");
        variable.ContainsKey("allValue").ShouldBeFalse("a row for each value, and not one for all");
        ((string)row["title"]!).ShouldContain("$pod");
        ((bool)row["collapsed"]!).ShouldBeTrue("its queries run only when it is opened");
        var panels = row["panels"]!.AsArray();
        panels.Count.ShouldBe(4);
        foreach (var expression in panels.SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => (string)target!["expr"]!))
        {
            Selector().Matches(expression).ShouldAllBe(match => match.Groups["matchers"].Value.EndsWith(", netns!=\"\", netns=~\"$pod\"", StringComparison.Ordinal), expression);
        }
    }

    [Theory]
    [InlineData("shop/cart", 1, "{}", 500)]
    [InlineData("shop/cart", 0, null, 0)]
    [InlineData("shop/db", 0, "{state=\"close_wait\"}", 20)]
    [InlineData("shop/db", 1, null, 0)]
    [InlineData("", 0, null, 0)]
    [InlineData("", 1, null, 0)]
    public void A_pods_row_has_its_own_figures_the_states_where_they_are_counted(string pod, int target, string? series, int expected)
    {
        var panel = DashboardFile.Provisioned("tcpstat-host").Panels.Single(panel => (string)panel["title"]! == "Connections of this pod");
        var query = Promql.Fill((string)panel["targets"]![target]!["expr"]!).Replace("$pod", pod, StringComparison.Ordinal);
        var answer = new Dictionary<string, int>(StringComparer.Ordinal);
        if (series is not null)
        {
            answer[series] = expected;
        }

        Promql.Evaluate(
            [
                ($"tcpstat_tcp_curr_estab{{{Host}}}", "3x5"), ($"tcpstat_tcp_curr_estab{{{Pod}}}", "500x5"), ($"tcpstat_tcp_curr_estab{{{Host},netns=\"shop/db\"}}", "30x5"),
                ($"tcpstat_connections{{{Host},state=\"established\"}}", "3x5"), ($"tcpstat_connections{{{Host},netns=\"shop/db\",state=\"close_wait\"}}", "20x5"),
                ($"tcpstat_connections_peak{{{Host},netns=\"shop/db\",state=\"close_wait\"}}", "20x5"),
            ],
            (query, answer));
    }

    /// <summary>The query of a panel with one, or of the table column with this title.</summary>
    private static string Expression(string uid, string title, string? column)
    {
        var panel = DashboardFile.Provisioned(uid).Panels.Single(panel => (string)panel["title"]! == title);
        var targets = panel["targets"]!.AsArray();
        if (column is null)
        {
            return (string)targets.ShouldHaveSingleItem()!["expr"]!;
        }

        var field = panel["transformations"]![1]!["options"]!["renameByName"]!.AsObject().Single(pair => (string)pair.Value! == column).Key;
        return (string)targets.Single(target => $"Value #{(string)target!["refId"]!}" == field)!["expr"]!;
    }

    [GeneratedRegex(@"(?<name>(instance:|listener:)?tcpstat_[a-z0-9_:]+)\{(?<matchers>[^{}]*(\$\{[^}]*\}[^{}]*)*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Selector();

    [GeneratedRegex(@"\bby \([^)]*\bnetns\b[^)]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex KeepsTheLabel();
}
