using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Shipped.Tests.Alerts;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>The tiles on top of a dashboard: their colour follows the alerts as well as the figure.</summary>
public sealed partial class TileTests
{
    private const string Green = "dark-green";
    private const string Orange = "semi-dark-orange";
    private const string Red = "semi-dark-red";

    /// <summary>Tiles with a coloured background, by the dashboard's uid and their title.</summary>
    public static TheoryData<string, string> Tiles
    {
        get
        {
            var tiles = new TheoryData<string, string>();
            foreach (var uid in DashboardFile.Uids)
            {
                foreach (var panel in DashboardFile.Provisioned(uid).Panels.Where(IsTile))
                {
                    tiles.Add(uid, (string)panel["title"]!);
                }
            }

            return tiles;
        }
    }

    [Theory]
    [MemberData(nameof(Tiles))]
    public void A_tile_is_green_for_its_first_figure_alone_and_while_no_critical_alert_fires(string uid, string title)
    {
        var tile = Tile(uid, title);
        var first = tile["targets"]![0]!;
        var name = (string)first["legendFormat"]!;

        // no data is neither good nor bad
        (BaseColour(tile["fieldConfig"]!["defaults"]!["thresholds"]!) == Green).ShouldBeFalse();
        var colours = Colours(tile);
        colours.Where(colour => colour.Value == Green).Select(colour => colour.Key).ShouldAllBe(figure => figure == name.Replace("{{alert}}", "", StringComparison.Ordinal));

        var query = (string)first["expr"]!;
        if (name.EndsWith("{{alert}}", StringComparison.Ordinal))
        {
            var now = name[..^"{{alert}}".Length];
            colours.ShouldContainKey(now);
            colours[$"{now} · critical"].ShouldBe(Red);
            colours[$"{now} · warning"].ShouldBe(Orange);
            (colours[$"{now} · no alert"] == Green).ShouldBeFalse();
            foreach (var alert in Alerts(query).ShouldNotBeNull())
            {
                RuleFile.Load().Alerts.ShouldContain(rule => rule.Alert == alert);
                ((string)tile["description"]!).ShouldContain(alert);
            }
        }
        else
        {
            // it counts the alerts itself, or is never green
            (query.Contains("alertstate=\"firing\", severity=\"critical\"", StringComparison.Ordinal) || colours.Values.All(colour => colour != Green)).ShouldBeTrue(query);
        }
    }

    [Fact]
    public void Each_critical_alert_colours_a_tile_of_its_host()
    {
        var about = DashboardFile.Provisioned("tcpstat-host").Panels.Where(IsTile).SelectMany(tile => Alerts((string)tile["targets"]![0]!["expr"]!) ?? []).ToArray();

        RuleFile.Load().Alerts.Where(rule => rule.Labels["severity"] == "critical").ShouldAllBe(rule => about.Contains(rule.Alert, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, null, "{}")]
    [InlineData("TcpTimeWaitTableFull", "critical", "{alert=\" · critical\"}")]
    [InlineData("TcpTimeWaitTableFull", "warning", "{alert=\" · warning\"}")]
    [InlineData("TcpTimeWaitTableFull", "info", "{}")]
    [InlineData("TcpListenerGone", "critical", "{alert=\" · no alert\"}")]
    [InlineData("TcpListenerGone", "warning", "{}")]
    public void The_name_of_the_figure_tells_what_fires(string? alert, string? severity, string expected)
    {
        const string Host = "job=\"tcpstat\",instance=\"web1\"";
        var series = new List<(string, string)> { ($"instance:tcpstat_sockets_time_wait:ratio{{{Host}}}", "7x5") };
        if (alert is not null)
        {
            series.Add(($"ALERTS{{alertname=\"{alert}\",alertstate=\"firing\",severity=\"{severity}\",{Host}}}", "1x5"));
        }

        // of another host, and one that does not fire yet
        series.Add(("ALERTS{alertname=\"TcpTimeWaitTableFull\",alertstate=\"firing\",severity=\"critical\",job=\"tcpstat\",instance=\"web2\"}", "1x5"));
        series.Add(($"ALERTS{{alertname=\"TcpTimeWaitTableFull\",alertstate=\"pending\",severity=\"critical\",{Host}}}", "1x5"));

        Promql.Evaluate(series, (
            Promql.Fill((string)Tile("tcpstat-host", "TIME_WAIT")["targets"]![0]!["expr"]!),
            new Dictionary<string, int>(StringComparer.Ordinal) { [expected] = 7 }));
    }

    /// <summary>A host that is down has no age of a sample: the tile says DOWN, and no alert is needed for that.</summary>
    [Fact]
    public void A_host_that_is_down_is_told()
    {
        var tile = Tile("tcpstat-host", "Exporter");

        Promql.Evaluate(
            [("up{job=\"tcpstat\",instance=\"web1\"}", "0x5")],
            (Promql.Fill((string)tile["targets"]![0]!["expr"]!), new Dictionary<string, int>(StringComparer.Ordinal) { ["{}"] = -1 }));
        tile["fieldConfig"]!["overrides"]!.AsArray()
            .Where(entry => ((string)entry!["matcher"]!["options"]!).StartsWith("age", StringComparison.Ordinal))
            .ShouldAllBe(entry => entry!["properties"]!.ToJsonString().Contains($"\"-1\":{{\"text\":\"DOWN\",\"index\":0,\"color\":\"{Red}\"", StringComparison.Ordinal));
    }

    private static bool IsTile(JsonObject panel) =>
        (string)panel["type"]! == "stat" && (string)panel["options"]!["colorMode"]! == "background_solid";

    private static JsonObject Tile(string uid, string title) =>
        DashboardFile.Provisioned(uid).Panels.Single(panel => IsTile(panel) && (string)panel["title"]! == title);

    /// <summary>The colour of each figure while it is below every level.</summary>
    private static Dictionary<string, string> Colours(JsonObject tile) => tile["fieldConfig"]!["overrides"]!.AsArray().ToDictionary(
        entry => (string)entry!["matcher"]!["options"]!,
        entry => BaseColour(entry!["properties"]!.AsArray().Single(property => (string)property!["id"]! == "thresholds")!["value"]!),
        StringComparer.Ordinal);

    private static string BaseColour(JsonNode thresholds) => (string)thresholds["steps"]![0]!["color"]!;

    /// <summary>The alerts that the figure is judged by; null if there are none.</summary>
    private static string[]? Alerts(string query) =>
        AlertNames().Match(query) is { Success: true } match ? match.Groups["names"].Value.Split('|') : null;

    [GeneratedRegex("alertname=~\"(?<names>[A-Za-z|]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex AlertNames();
}
