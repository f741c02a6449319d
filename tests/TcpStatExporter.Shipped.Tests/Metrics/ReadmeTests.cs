using System.Text;
using Shouldly;
using TcpStatExporter.Counters;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Metrics;

/// <summary>The table of metrics next to the catalogue matches it. TCPSTAT_REWRITE=1 rewrites it. Read the diff.</summary>
public sealed class ReadmeTests
{
    private const string Page = "src/TcpStatExporter/Metrics/README.md";
    private const string Begin = "<!-- metrics: written by the tests from the catalogue in the code -->\n";
    private const string End = "<!-- end of metrics -->\n";

    [Fact]
    public void Table_of_metrics_matches_the_catalogue()
    {
        var readme = Repository.Read(Page);
        var begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = readme.IndexOf(End, StringComparison.Ordinal);
        begin.ShouldBeInRange(Begin.Length, end);
        var expected = Table();
        if (Repository.IsRewriting)
        {
            Repository.Write(Page, readme[..begin] + expected + readme[end..]);
            return;
        }

        readme[begin..end].ShouldBe(expected);
    }

    private static string Table()
    {
        var table = new StringBuilder();
        foreach (var bySource in MetricCatalogue.All.GroupBy(entry => entry.Source, StringComparer.Ordinal))
        {
            table.Append('\n').Append(Title(bySource.Key)).Append("\n\n| name | type | labels | meaning |\n| --- | --- | --- | --- |\n");
            foreach (var entry in bySource)
            {
                AppendRow(table, entry.Family.Name, entry.Family.Type, entry.Labels, entry.Family.Help);
            }
        }

        table.Append("\nKernel counters (sources `snmp` and `netstat`), those exported by default:\n\n| name | type | labels | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var counter in Enum.GetValues<KernelCounterGroup>().SelectMany(group => KernelCounterCatalogue.Curated(group)))
        {
            var family = KernelCounterFamily.Of(counter);
            AppendRow(table, family.Name, family.Type, "", family.Help);
        }

        return table.Append('\n').ToString();
    }

    private static string Title(string source) => source switch
    {
        "exporter" => "The exporter itself:",
        "process" => "Its process:",
        _ => $"Source `{source}`:",
    };

    private static void AppendRow(StringBuilder table, string name, MetricType type, string labels, string help)
    {
#pragma warning disable CA1308 // Prometheus writes its types in lower case
        table.Append($"| `{name}` | {type.ToString().ToLowerInvariant()} | {labels} | {help.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
#pragma warning restore CA1308
    }
}
