using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>A variable with values from Prometheus.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expression">Its query: a series selector if it has a <paramref name="Label"/>, otherwise PromQL.</param>
/// <param name="Label">The label that provides the values.</param>
/// <param name="Pattern">Finds text and value in a line of the result, if there is no label.</param>
/// <param name="HasAll">It offers "All".</param>
/// <param name="AllValue">The value of "All". Default: all of its values.</param>
internal sealed partial record Variable(string Name, string Expression, string? Label, Regex? Pattern, bool HasAll, string? AllValue)
{
    public static Variable Of(JsonNode json)
    {
        var query = Form().Match((string)json["query"]!["query"]!);
        var label = query.Groups["label"].Success ? query.Groups["label"].Value : null;
        var pattern = (string?)json["regex"] is { Length: > 2 } regex ? new Regex(regex[1..^1], RegexOptions.None, TimeSpan.FromSeconds(1)) : null;
        return query.Success
            ? new Variable((string)json["name"]!, query.Groups["inner"].Value, label, pattern, (bool?)json["includeAll"] ?? false, (string?)json["allValue"])
            : throw new FormatException($"not a variable's query: {json["query"]}");
    }

    [GeneratedRegex(@"^(label_values\((?<inner>.*), *(?<label>\w+)\)|query_result\((?<inner>.*)\))$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
