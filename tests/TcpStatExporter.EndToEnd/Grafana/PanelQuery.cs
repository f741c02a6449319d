using System.Text.Json.Nodes;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>One query of a panel.</summary>
/// <param name="Panel">Title of its panel.</param>
/// <param name="Expression">PromQL with Grafana's variables.</param>
/// <param name="IsInstant">Only for the end of the range.</param>
internal sealed record PanelQuery(string Panel, string Expression, bool IsInstant)
{
    public static PanelQuery Of(string panel, JsonNode target) => new(panel, (string)target["expr"]!, (bool?)target["instant"] ?? false);
}
