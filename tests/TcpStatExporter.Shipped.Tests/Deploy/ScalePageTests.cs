using System.Globalization;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Metrics;
using TcpStatExporter.Shipped.Tests.Alerts;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>The configuration changes that deploy/scale.md suggests are valid, and what it derives from measurements follows from them.</summary>
public sealed partial class ScalePageTests
{
    private const string Page = "deploy/scale.md";

    private const int Nodes = 10_000;
    private const int PodsOfNode = 50;
    private const int ListenersOfPod = 3;

    public static TheoryData<string> Configurations => [.. Block().Matches(Repository.Read(Page)).Select(block => block.Groups["text"].Value)];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Promtool_accepts_it(string configuration)
    {
        var folder = Directory.CreateTempSubdirectory("tcpstat-scale-");
        try
        {
            var file = Path.Combine(folder.FullName, "prometheus.yml");
            File.WriteAllText(file, configuration);
            var run = Tool.Run(folder.FullName, "promtool", "check", "config", file);
            Assert.SkipWhen(run is null, "promtool is not on the PATH (Debian: apt-get install prometheus)");
            run!.Value.ExitCode.ShouldBe(0, run.Value.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A name that does not exist would drop nothing. A rule may use what is dropped only in a text.</summary>
    [Fact]
    public void What_it_drops_exists_and_no_rule_depends_on_it()
    {
        var dropped = Block().Matches(Repository.Read(Page)).Select(block => Dropped().Match(block.Value)).Single(match => match.Success)
            .Groups["names"].Value.Split('|');
        var names = MetricCatalogue.All.Select(entry => entry.Family.Name).ToArray();
        foreach (var name in dropped)
        {
            names.ShouldContain(family => name == family || name == family + "_bucket");
            RuleFile.Load().Rules.ShouldAllBe(rule => !rule.Expr.Contains(name, StringComparison.Ordinal));
        }
    }

    /// <summary>Totals for many hosts are those of the measured ones, multiplied and rounded.</summary>
    /// <param name="measured">Header of the table of measurements.</param>
    /// <param name="derived">Header of the table of totals: a column for each of its rows.</param>
    [Theory]
    [InlineData("| targets |", "| | every 15 s |")]
    [InlineData("| each node |", "| | no pods |")]
    public void Totals_follow_from_the_measurements(string measured, string derived)
    {
        var rows = Table(measured);
        var totals = Table(derived);
        foreach (var (what, column, unit) in new[] { ("series, those of rules included", "series", 1), ("samples/s", "samples/s", 1), ("CPU, cores", "CPU % of a core", 100), ("memory", "RSS MB", 1000) })
        {
            var total = totals.Single(row => row[""] == what);
            foreach (var (row, title) in rows.Zip(total.Keys.Skip(1)))
            {
                var expected = Number(row[column]) / unit * Nodes / Number(row["targets"]);
                Number(total[title]).ShouldBe(expected, 0.06 * expected, $"{what}, {title}");
            }
        }
    }

    [Fact]
    public void Sums_for_pods_follow_from_the_series_of_one()
    {
        var text = Repository.Read(Page).ReplaceLineEndings(" ");
        var node = SeriesOfNode().Match(text);
        var pod = SeriesOfPod().Match(text);
        double Of(Match match, string group) => Number(match.Groups[group].Value);
        var withListeners = Of(pod, "opener") + (ListenersOfPod * Of(pod, "listener"));
        foreach (var (what, pods) in new[] { ("nobody in trouble", 0.0), ("one pod in a hundred", 0.01 * PodsOfNode), ("`--netns.series=all`", PodsOfNode) })
        {
            var row = Table("| | series | with the opener |").Single(row => row[""] == what);
            Number(row["series"]).ShouldBe(Nodes * (Of(node, "counters") + (pods * Of(pod, "counters"))), 0.01 * Number(row["series"]), what);
            Number(row["with the opener"]).ShouldBe(Nodes * (Of(node, "opener") + (pods * withListeners)), 0.01 * Number(row["with the opener"]), what);
        }

        // one family has a series for each of two tiers, and those of listeners need the opener
        var families = MetricCatalogue.All.Select(entry => entry.Family.Name).Where(name => name.StartsWith("tcpstat_netns_", StringComparison.Ordinal) && name != "tcpstat_netns_info").ToArray();
        Of(node, "opener").ShouldBe(families.Length + 1);
        Of(node, "counters").ShouldBe(families.Length + 1 - families.Count(name => new[] { "_listeners_", "_listen_sockets", "_listen_queue_" }.Any(of => name.Contains(of, StringComparison.Ordinal))));
    }

    /// <summary>Rows of the table with this header, by the titles of their columns.</summary>
    private static List<Dictionary<string, string>> Table(string header)
    {
        var lines = Repository.Read(Page).Split('\n').SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|')).ToArray();
        lines.Length.ShouldBeGreaterThan(2, header);
        var titles = Cells(lines[0]);
        return [.. lines[2..].Select(line => titles.Zip(Cells(line)).ToDictionary(cell => cell.First, cell => cell.Second, StringComparer.Ordinal))];
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];

    /// <summary>The number at the start of a cell: 1,280, 58 GB, 42 million and what follows.</summary>
    private static double Number(string cell)
    {
        var number = double.Parse(LeadingNumber().Match(cell).Value, NumberStyles.Number, CultureInfo.InvariantCulture);
        return cell.Contains(" million", StringComparison.Ordinal) ? number * 1_000_000 : number;
    }

    [GeneratedRegex(@"^[\d,.]+", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex LeadingNumber();

    [GeneratedRegex(@"has (?<counters>\d+) series more \(`tcpstat_netns_\*`\), (?<opener>\d+) with the opener", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex SeriesOfNode();

    [GeneratedRegex(@"in trouble has (?<counters>\d+),.* With the opener it has (?<opener>\d+), and (?<listener>\d+) for each", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex SeriesOfPod();

    [GeneratedRegex("^```yaml\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Block();

    [GeneratedRegex("regex: (?<names>tcpstat_\\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Dropped();
}
