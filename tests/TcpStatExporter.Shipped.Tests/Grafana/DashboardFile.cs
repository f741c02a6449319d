using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>A shipped dashboard, as JSON.</summary>
/// <param name="Uid">Its uid, which is also its file name.</param>
/// <param name="Json">The dashboard.</param>
internal sealed partial record DashboardFile(string Uid, JsonObject Json)
{
    /// <summary>uids are used in bookmarks and links, so they never change.</summary>
    public static readonly IReadOnlyList<string> Uids = ["tcpstat-fleet", "tcpstat-host"];

    /// <summary>The directory of the dashboards and their sources.</summary>
    public static string Folder { get; } = Path.Combine(Root(), "grafana");

    /// <summary>All panels without rows.</summary>
    public IEnumerable<JsonObject> Panels => AllPanels.Where(panel => (string)panel["type"]! != "row");

    /// <summary>Panels and rows. The panels in a collapsed row follow it.</summary>
    public IEnumerable<JsonObject> AllPanels => Json["panels"]!.AsArray()
        .SelectMany(panel => (panel!["panels"]?.AsArray() ?? []).Prepend(panel))
        .Select(panel => panel!.AsObject());

    /// <summary>Variables.</summary>
    public IEnumerable<JsonObject> Variables => Json["templating"]!["list"]!.AsArray().Select(variable => variable!.AsObject());

    /// <summary>All PromQL expressions in panels, variables and annotations, and where each one is.</summary>
    public IEnumerable<(string Place, string Expression)> Expressions =>
        Panels.SelectMany(panel => panel["targets"]!.AsArray().Select(target => ((string)panel["title"]!, (string)target!["expr"]!)))
            .Concat(Variables
                .Where(variable => (string)variable["type"]! == "query")
                .Select(variable => ((string)variable["name"]!, Inner((string)variable["query"]!["query"]!))))
            .Concat(Json["annotations"]!["list"]!.AsArray()
                .Select(annotation => ((string)annotation!["name"]!, (string)annotation["target"]!["expr"]!)));

    /// <summary>Returns the dashboard that is provisioned from files.</summary>
    public static DashboardFile Provisioned(string uid) => Read(uid, "provisioning/dashboards/json");

    /// <summary>Returns the dashboard for manual import.</summary>
    public static DashboardFile Importable(string uid) => Read(uid, "import");

    private static DashboardFile Read(string uid, string folder) =>
        new(uid, JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, folder, uid + ".json")))!.AsObject());

    // label_values(SELECTOR, LABEL) and query_result(EXPRESSION) belong to Grafana, not to PromQL
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
