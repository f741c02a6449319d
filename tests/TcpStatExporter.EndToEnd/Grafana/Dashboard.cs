using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>A dashboard as provisioned: its variables, and the queries of its panels and annotations.</summary>
internal sealed partial class Dashboard
{
    private readonly JsonObject _json;

    private Dashboard(string uid)
    {
        Uid = uid;
        Path = System.IO.Path.Combine(Folder, "provisioning/dashboards/json", uid + ".json");
        _json = JsonNode.Parse(File.ReadAllText(Path))!.AsObject();
    }

    public static string Folder { get; } = System.IO.Path.Combine(Root(), "grafana");

    public static Dashboard Fleet { get; } = new("tcpstat-fleet");

    public static Dashboard Host { get; } = new("tcpstat-host");

    public string Uid { get; }

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>Variables with values from Prometheus, in the order of their dependencies.</summary>
    public IEnumerable<Variable> Variables => _json["templating"]!["list"]!.AsArray()
        .Where(variable => (string)variable!["type"]! == "query")
        .Select(variable => Variable.Of(variable!));

    /// <summary>Queries of panels and annotations.</summary>
    public IEnumerable<PanelQuery> Queries =>
        Panels
            .SelectMany(panel => panel["targets"]!.AsArray().Select(target => PanelQuery.Of((string)panel["title"]!, target!)))
            .Concat(_json["annotations"]!["list"]!.AsArray().Select(annotation => PanelQuery.Of((string)annotation!["name"]!, annotation["target"]!)));

    public int PanelCount => Panels.Count();

    /// <summary>All panels, including those in collapsed rows, without the rows themselves.</summary>
    private IEnumerable<JsonNode> Panels => _json["panels"]!.AsArray()
        .SelectMany(panel => (panel!["panels"]?.AsArray() ?? []).Prepend(panel))
        .Select(panel => panel!)
        .Where(panel => (string)panel["type"]! != "row");

    /// <summary>Replaces variables with values, as Grafana does.</summary>
    /// <param name="expression">A query.</param>
    /// <param name="values">Values by name of the variable.</param>
    /// <param name="range">Length of the time range.</param>
    public static string Fill(string expression, IReadOnlyDictionary<string, string> values, TimeSpan range) =>
        VariableUse().Replace(expression, match => match.Groups["name"].Value switch
        {
            // four scrapes, Grafana's minimum
            "__rate_interval" => "4s",
            "__interval" => "1s",
            "__range" => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(range.TotalSeconds)}s"),
            var name => values.TryGetValue(name, out var value) ? value : match.Value,
        });

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "TcpStatExporter.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("no TcpStatExporter.sln above the tests");
        }

        return folder.FullName;
    }

    // $1 is not a variable but a group of label_replace
    [GeneratedRegex(@"\$\{(?<name>\w+)(:\w+)?\}|\$(?<name>[a-z_]\w*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VariableUse();
}
