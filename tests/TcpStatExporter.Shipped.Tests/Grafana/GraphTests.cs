using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>Graphs: lines that can be told apart, legends that leave the plot its width, times that stand above one another.</summary>
public sealed class GraphTests
{
    private const string Host = "job=\"tcpstat\",instance=\"web1\"";

    public static TheoryData<string> Uids => [.. DashboardFile.Uids];

    [Theory]
    [MemberData(nameof(Uids))]
    public void A_legend_stands_below_and_a_single_line_has_none(string uid)
    {
        foreach (var graph in Graphs(uid))
        {
            var targets = graph["targets"]!.AsArray();
            var isSingle = targets.Count == 1 && !((string)targets[0]!["legendFormat"]!).Contains("{{", StringComparison.Ordinal);
            var legend = graph["options"]!["legend"]!;

            ((bool)legend["showLegend"]!).ShouldBe(!isSingle, (string)graph["title"]!);
            ((string)legend["placement"]!).ShouldBe("bottom");
            ((string)legend["displayMode"]!).ShouldBe("list");
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Graphs_above_one_another_have_the_same_time_at_the_same_place(string uid)
    {
        foreach (var row in Rows(uid))
        {
            var graphs = row.Where(IsOverTime).ToArray();
            foreach (var graph in graphs)
            {
                var axis = (int?)graph["fieldConfig"]?["defaults"]?["custom"]?["axisWidth"] ?? (int?)graph["options"]!["yAxis"]?["axisWidth"];
                axis.ShouldBe(64, (string)graph["title"]!);
                graphs.Where(other => Left(other) < Right(graph) && Left(graph) < Right(other))
                    .ShouldAllBe(other => Left(other) == Left(graph) && Right(other) == Right(graph), (string)graph["title"]!);
            }
        }
    }

    /// <summary>Whatever there may be many of has a few lines, and one for all others.</summary>
    [Theory]
    [MemberData(nameof(Uids))]
    public void Listeners_and_hosts_have_a_few_lines(string uid)
    {
        var many = Graphs(uid)
            .SelectMany(graph => graph["targets"]!.AsArray().Select(target => (Graph: graph, Legend: (string)target!["legendFormat"]!, Query: (string)target["expr"]!)))
            .Where(line => line.Legend.Contains("{{address}}", StringComparison.Ordinal) || line.Legend.Contains("{{instance}}", StringComparison.Ordinal))
            .ToArray();

        many.ShouldNotBeEmpty();
        foreach (var (graph, _, query) in many.Where(line => !line.Query.Contains("topk(1, ", StringComparison.Ordinal)))
        {
            query.ShouldContain(" and on (");
            query.ShouldContain("topk(5, ");
            graph["targets"]!.AsArray().ShouldContain(target => ((string)target!["legendFormat"]!).StartsWith("all others", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Listeners_at_rest_are_one_line_together()
    {
        var series = Enumerable.Range(1, 10).Select(port => (Fill(port), "0x5"))
            .Append((Fill(80), "0x1 1x3"))
            .Append((Fill(443), "0x2 2x2"));
        var queries = Queries("Fill of the accept queue, the fullest listeners");

        Promql.Evaluate(
            series,
            (queries[0], new(StringComparer.Ordinal) { ["{address=\"::\",port=\"80\"}"] = 1, ["{address=\"::\",port=\"443\"}"] = 2 }),
            (queries[1], new(StringComparer.Ordinal) { ["{}"] = 0 }));

        static string Fill(int port) => $"tcpstat_listen_queue_fill_ratio_peak{{{Host},address=\"::\",port=\"{port}\"}}";
    }

    [Fact]
    public void Five_of_many_busy_listeners_are_drawn_and_the_others_are_told_together()
    {
        var series = Enumerable.Range(1, 9)
            .Select(port => ($"tcpstat_listen_connections{{{Host},state=\"established\",address=\"::\",port=\"{port}\"}}", $"{10 * port}x5"));
        var queries = Queries("Established connections, the busiest listeners");

        Promql.Evaluate(
            series,
            (queries[0], Enumerable.Range(5, 5).ToDictionary(port => $"{{address=\"::\",port=\"{port}\"}}", port => 10 * port, StringComparer.Ordinal)),
            (queries[1], new(StringComparer.Ordinal) { ["{}"] = 10 + 20 + 30 + 40 }));
    }

    [Fact]
    public void Counters_at_zero_are_one_line_together()
    {
        var series = new[] { "fast_retrans", "slow_start_retrans", "syn_retrans", "lost_retransmit" }
            .Select(counter => ($"tcpstat_tcpext_{counter}_total{{{Host}}}", counter == "syn_retrans" ? "0+60x5" : "7x5"));
        var query = Queries("What is sent again").ShouldHaveSingleItem();

        Promql.Evaluate(series, (query, new(StringComparer.Ordinal) { ["{line=\"SYN\"}"] = 1, ["{line=\"the rest: 0\"}"] = 0 }));
    }

    /// <summary>What the exporter does not give is not zero.</summary>
    [Fact]
    public void Counters_that_are_absent_have_no_line() =>
        Promql.Evaluate([($"up{{{Host}}}", "1x5")], (Queries("What is sent again").ShouldHaveSingleItem(), []));

    /// <summary>A panel has 38 pixels a unit of height. Less its title, margins and the table's head, whole rows are left.</summary>
    [Theory]
    [MemberData(nameof(Uids))]
    public void A_table_ends_with_a_whole_row(string uid)
    {
        foreach (var table in DashboardFile.Provisioned(uid).Panels.Where(panel => (string)panel["type"]! == "table"))
        {
            var rowHeight = (string)table["options"]!["cellHeight"]! switch { "sm" => 36, "md" => 42, "lg" => 48, var other => throw new FormatException(other) };

            (((38 * (int)table["gridPos"]!["h"]!) - 92) % rowHeight).ShouldBeLessThan(13, (string)table["title"]!);
        }
    }

    private static IEnumerable<JsonObject> Graphs(string uid) =>
        DashboardFile.Provisioned(uid).Panels.Where(panel => (string)panel["type"]! == "timeseries");

    private static string[] Queries(string title) =>
        [.. Graphs("tcpstat-host").Single(graph => (string)graph["title"]! == title)["targets"]!.AsArray().Select(target => Promql.Fill((string)target!["expr"]!))];

    /// <summary>Panels by the row that they are in.</summary>
    private static List<List<JsonObject>> Rows(string uid)
    {
        var rows = new List<List<JsonObject>> { new() };
        foreach (var panel in DashboardFile.Provisioned(uid).AllPanels)
        {
            if ((string)panel["type"]! == "row")
            {
                rows.Add([]);
            }
            else
            {
                rows[^1].Add(panel);
            }
        }

        return rows;
    }

    private static bool IsOverTime(JsonObject panel) => (string)panel["type"]! is "timeseries" or "heatmap";

    private static int Left(JsonObject panel) => (int)panel["gridPos"]!["x"]!;

    private static int Right(JsonObject panel) => Left(panel) + (int)panel["gridPos"]!["w"]!;
}
