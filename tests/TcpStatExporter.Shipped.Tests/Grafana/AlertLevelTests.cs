using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Shipped.Tests.Alerts;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>The levels that the dashboards draw and colour match the alerts.</summary>
public sealed class AlertLevelTests
{
    /// <summary>
    /// An alert, its severity, what its rule compares (the number follows), and the panel in the host dashboard that draws
    /// the same.
    /// </summary>
    public static TheoryData<string, string, string, string> Drawn => new()
    {
        { "TcpAcceptQueueFilling", "warning", "tcpstat_listen_queue_fill_ratio_peak >", "Fill of the accept queue, the fullest listeners" },
        { "TcpRetransmissionsHigh", "warning", "instance:tcpstat_tcp_data_retrans:ratio_rate5m >", "Segments sent again, of all sent" },
        { "TcpTimeoutsHigh", "warning", "instance:tcpstat_tcp_data_timeouts:rate5m >", "Timeouts" },
        { "TcpConnectFailuresHigh", "warning", "instance:tcpstat_connect_failures:ratio_rate5m >", "Outgoing connections that failed, of all begun" },
        { "TcpConnectUnanswered", "critical", "instance:tcpstat_syn_sent:mean5m >", "How long connect(2) waits for an answer" },
        { "TcpConnectUnanswered", "warning", "instance:tcpstat_syn_sent:mean5m >", "How long connect(2) waits for an answer" },
        { "TcpEphemeralPortsExhausting", "warning", "instance:tcpstat_ephemeral_ports_busiest_destination:ratio[1m]) >", "Ephemeral ports, of those that the range offers" },
        { "TcpEphemeralPortsExhausting", "critical", ">=", "Ephemeral ports, of those that the range offers" },
        { "TcpTimeWaitTableNearLimit", "info", "instance:tcpstat_sockets_time_wait:ratio[1m]) >", "TIME_WAIT, of tcp_max_tw_buckets" },
        { "TcpOrphansNearLimit", "warning", "instance:tcpstat_sockets_orphaned:ratio[1m]) >", "Orphans, of tcp_max_orphans" },
        { "TcpResetStorm", "warning", "instance:tcpstat_tcp_estab_resets:rate5m >", "Resets" },
        { "TcpReceiveQueueDrops", "warning", "instance:tcpstat_receive_queue_drops:increase5m >", "Received data dropped, in five minutes" },
    };

    [Theory]
    [MemberData(nameof(Drawn))]
    public void A_graph_draws_the_level_of_its_alert(string alert, string severity, string compared, string title)
    {
        var panel = Panel("tcpstat-host", title);

        ((string)panel["fieldConfig"]!["defaults"]!["custom"]!["thresholdsStyle"]!["mode"]!).ShouldBe("dashed");
        Steps(panel["fieldConfig"]!["defaults"]!["thresholds"]!).ShouldContain(Level(alert, severity, compared));
    }

    [Fact]
    public void The_graph_of_memory_draws_both_levels_of_alerts()
    {
        var level = Level("TcpMemoryNearLimit", "warning", "instance:tcpstat_memory:ratio[1m]) >");
        var drawn = string.Create(CultureInfo.InvariantCulture, $"{level} * max(tcpstat_memory_limit_bytes{{level=\"high\"");
        var queries = Panel("tcpstat-host", "TCP memory against tcp_mem")["targets"]!.AsArray().Select(target => (string)target!["expr"]!).ToArray();

        queries.ShouldContain(query => query.StartsWith(drawn, StringComparison.Ordinal));
        queries.ShouldContain(query => query.Contains("by (level) (tcpstat_memory_limit_bytes{level!=\"low\"", StringComparison.Ordinal), "tcp_mem's pressure, where TcpMemoryPressure begins, is among the limits");
    }

    /// <summary>Table columns and tiles that are coloured by the level of an alert.</summary>
    public static TheoryData<string, string, string, string> Painted => new()
    {
        { "TcpEphemeralPortsExhausting", "warning", "instance:tcpstat_ephemeral_ports_busiest_destination:ratio[1m]) >", "Ports" },
        { "TcpTimeWaitTableNearLimit", "info", "instance:tcpstat_sockets_time_wait:ratio[1m]) >", "TIME_WAIT" },
        { "TcpRetransmissionsHigh", "warning", "instance:tcpstat_tcp_data_retrans:ratio_rate5m >", "Sent again" },
        { "TcpAcceptQueueFilling", "warning", "tcpstat_listen_queue_fill_ratio_peak >", "Worst fill" },
    };

    [Theory]
    [MemberData(nameof(Painted))]
    public void The_table_of_hosts_is_coloured_from_the_level_of_the_alert(string alert, string severity, string compared, string column)
    {
        var panel = Panel("tcpstat-fleet", "Hosts: the most loss first, then the fullest queue");
        var properties = panel["fieldConfig"]!["overrides"]!.AsArray()
            .Single(entry => (string)entry!["matcher"]!["options"]! == column)!["properties"]!.AsArray();

        Steps(properties.Single(property => (string)property!["id"]! == "thresholds")!["value"]!)[0].ShouldBe(Level(alert, severity, compared));
    }

    [Fact]
    public void A_host_is_near_a_limit_from_the_level_at_which_the_table_is_coloured()
    {
        var near = Panel("tcpstat-fleet", "Near a limit")["targets"]!.AsArray().Select(target => (string)target!["expr"]!).ToArray();
        var hosts = Panel("tcpstat-fleet", "Hosts: the most loss first, then the fullest queue")["fieldConfig"]!["overrides"]!.AsArray();

        foreach (var (column, limit) in new[] { ("Ports", "ports"), ("TIME_WAIT", "time_wait"), ("Memory", "memory") })
        {
            var steps = Steps(hosts.Single(entry => (string)entry!["matcher"]!["options"]! == column)!["properties"]!.AsArray()
                .Single(property => (string)property!["id"]! == "thresholds")!["value"]!);
            near.Select(query => Number($@"/ (?<number>[0-9.]+), ""limit"", ""{limit}""", query)).ShouldBe(steps, ignoreOrder: true, column);
        }
    }

    [Fact]
    public void Runbooks_have_the_addresses_in_the_rules()
    {
        var links = DashboardFile.Uids.Select(uid => Link(Panel(uid, "Alerts firing"), "Alert")).Distinct(StringComparer.Ordinal).ToArray();

        foreach (var rule in RuleFile.Load().Alerts)
        {
            links.ShouldHaveSingleItem().Replace("${__data.fields.alertname}", rule.Alert, StringComparison.Ordinal).ShouldBe(rule.Annotations["runbook_url"]);
        }
    }

    private static string Link(JsonObject panel, string column) =>
        (string)panel["fieldConfig"]!["overrides"]!.AsArray()
            .Single(entry => (string)entry!["matcher"]!["options"]! == column)!["properties"]!.AsArray()
            .Single(property => (string)property!["id"]! == "links")!["value"]![0]!["url"]!;

    private static JsonObject Panel(string uid, string title) =>
        DashboardFile.Provisioned(uid).Panels.Single(panel => (string)panel["title"]! == title);

    /// <summary>Returns the levels above the first step, which has none.</summary>
    private static double[] Steps(JsonNode thresholds) =>
        [.. thresholds["steps"]!.AsArray().Skip(1).Select(step => (double)step!["value"]!)];

    /// <summary>Returns the number that an alert's rule compares something with.</summary>
    private static double Level(string alert, string severity, string compared)
    {
        var rule = RuleFile.Load().Alerts.Single(rule => rule.Alert == alert && rule.Labels["severity"] == severity);
        return Number($@"{Regex.Escape(compared)} (?<number>[0-9.]+)(?![0-9.]| *\*)", rule.Expr);
    }

    private static double Number(string pattern, string text)
    {
        var match = Regex.Match(text, pattern, RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(1));
        match.Success.ShouldBeTrue($"{pattern} in {text}");
        return double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
    }
}
