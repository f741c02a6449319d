using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>One of the dashboards that are shipped, as JSON.</summary>
/// <param name="Uid">Its uid, which is its file's name as well.</param>
/// <param name="Json">The dashboard.</param>
internal sealed partial record DashboardFile(string Uid, JsonObject Json)
{
    /// <summary>uids are in bookmarks and links: they do not change.</summary>
    public static readonly IReadOnlyList<string> Uids = ["tcpstat-fleet", "tcpstat-host"];

    /// <summary>The folder of the dashboards and of the sources they are made from.</summary>
    public static string Folder { get; } = Path.Combine(Root(), "grafana");

    /// <summary>Panels, rows left out.</summary>
    public IEnumerable<JsonObject> Panels => AllPanels.Where(panel => (string)panel["type"]! != "row");

    /// <summary>Panels and rows, those panels that a closed row holds after it.</summary>
    public IEnumerable<JsonObject> AllPanels => Json["panels"]!.AsArray()
        .SelectMany(panel => (panel!["panels"]?.AsArray() ?? []).Prepend(panel))
        .Select(panel => panel!.AsObject());

    /// <summary>Variables.</summary>
    public IEnumerable<JsonObject> Variables => Json["templating"]!["list"]!.AsArray().Select(variable => variable!.AsObject());

    /// <summary>Where each PromQL expression stands, and the expression: of panels, variables and annotations.</summary>
    public IEnumerable<(string Place, string Expression)> Expressions =>
        Panels.SelectMany(panel => panel["targets"]!.AsArray().Select(target => ((string)panel["title"]!, (string)target!["expr"]!)))
            .Concat(Variables
                .Where(variable => (string)variable["type"]! == "query")
                .Select(variable => ((string)variable["name"]!, Inner((string)variable["query"]!["query"]!))))
            .Concat(Json["annotations"]!["list"]!.AsArray()
                .Select(annotation => ((string)annotation!["name"]!, (string)annotation["target"]!["expr"]!)));

    /// <summary>The form that is provisioned from files.</summary>
    public static DashboardFile Provisioned(string uid) => Read(uid, "provisioning/dashboards/json");

    /// <summary>The form that is imported by hand.</summary>
    public static DashboardFile Importable(string uid) => Read(uid, "import");

    private static DashboardFile Read(string uid, string folder) =>
        new(uid, JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, folder, uid + ".json")))!.AsObject());

    // label_values(SELECTOR, LABEL) and query_result(EXPRESSION) are Grafana's, not PromQL
    private static string Inner(string query) => VariableQuery().Match(query) is { Success: true } match
        ? match.Groups["inner"].Value
        : throw new FormatException($"not a variable's query: {query}");

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TcpStatExporter.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("no TcpStatExporter.sln above the tests");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^(label_values\((?<inner>.*), *\w+\)|query_result\((?<inner>.*)\))$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex VariableQuery();
}
