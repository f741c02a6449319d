using System.Text.RegularExpressions;
using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>What the exporter serves, according to the catalogue: names of series and their labels.</summary>
internal static partial class MetricNames
{
    /// <summary>Names of series, with the suffixes of histograms, and their labels.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Labels { get; } = Create();

    /// <summary>Returns the names of metrics, recording rules and similar in a text.</summary>
    public static IEnumerable<string> In(string text) => Name().Matches(text).Select(match => match.Value);

    /// <summary>Returns series as /metrics shows them, with each known label value.</summary>
    public static IEnumerable<string> Lines() =>
        from series in Labels
        from labels in series.Value.Aggregate<string, IEnumerable<string>>(
            [""],
            (sets, label) => from set in sets from value in Values(label) select $"{set}{(set.Length > 0 ? "," : "")}{label}=\"{value}\"")
        select labels.Length > 0 ? $"{series.Key}{{{labels}}} 1" : $"{series.Key} 1";

    private static Dictionary<string, IReadOnlyList<string>> Create()
    {
        var labels = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var entry in MetricCatalogue.All)
        {
            var own = entry.Labels.Split(", ", StringSplitOptions.RemoveEmptyEntries);
            if (entry.Family.Type == MetricType.Histogram)
            {
                labels[$"{entry.Family.Name}_bucket"] = [.. own, "le"];
                labels[$"{entry.Family.Name}_sum"] = own;
                labels[$"{entry.Family.Name}_count"] = own;
            }
            else
            {
                labels[entry.Family.Name] = own;
            }
        }

        foreach (var counter in Enum.GetValues<KernelCounterGroup>().SelectMany(group => KernelCounterCatalogue.Curated(group)))
        {
            labels[KernelCounterFamily.Of(counter).Name] = [];
        }

        return labels;
    }

    private static IEnumerable<string> Values(string label) => label switch
    {
        "state" => MetricCatalogueStates(),
        "name" => SysctlExtensions.All.Select(sysctl => sysctl.Name()),
        "level" => ["low", "pressure", "high"],
        "port" => ["80"],
        _ => ["x"],
    };

    private static IEnumerable<string> MetricCatalogueStates() =>
        TcpStates.Known.ToArray().Select(state => StateWord().Replace(state.ToString(), "_$0").ToLowerInvariant());

    [GeneratedRegex("(?<![a-z0-9_:])([a-z]+:)?(tcpstat|process|dotnet)_[a-z0-9_]+(:[a-z0-9_]+)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex("(?<!^)[A-Z]", RegexOptions.None, 1000)]
    private static partial Regex StateWord();
}
