using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TcpStatExporter.Shipped.Tests.Alerts;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>The rules with a token for each parameter, as the Helm chart and the mixin read them.</summary>
internal static partial class RulesTemplate
{
    /// <summary>Path of the file.</summary>
    public const string Path = "deploy/helm/tcpstat-exporter/files/rules.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All parameters.</summary>
    public static JsonNode Parameters { get; } = JsonNode.Parse(Repository.Read("alerts/parameters.json"))!;

    /// <summary>The thresholds, by name.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode>> Thresholds => Parameters["thresholds"]!.AsObject().Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));

    /// <summary>Builds the template from the rules and the parameters.</summary>
    /// <exception cref="InvalidOperationException">A parameter names a rule or a text that does not exist.</exception>
    public static string Make()
    {
        var groups = Yaml.Read(RuleFile.Path);
        var rules = groups.Items("groups").SelectMany(group => group.Items("rules")).ToArray();
        foreach (var (name, threshold) in Thresholds)
        {
            foreach (var (rule, texts) in threshold["rules"]!.AsObject())
            {
                foreach (var text in texts!.AsArray().Select(text => (string)text!))
                {
                    Replace(rules, name, threshold["default"]!.ToJsonString(), rule, text);
                }
            }
        }

        foreach (var rule in rules)
        {
            rule["expr"] = Series(rule.Text("expr")).Replace(Default("jobPattern"), "@jobPattern@", StringComparison.Ordinal);
            foreach (var (name, text) in rule.Map("annotations"))
            {
                rule["annotations"]![name] = Queries().Replace(text, match => Series(match.Value))
                    .Replace($"{Default("clusterLabel")}=%q", "@clusterLabel@=%q", StringComparison.Ordinal)
                    .Replace($"$labels.{Default("clusterLabel")} ", "$labels.@clusterLabel@ ", StringComparison.Ordinal)
                    .Replace(Default("runbookUrl"), "@runbookUrl@", StringComparison.Ordinal);
            }
        }

        return groups.ToJsonString(Indented) + "\n";
    }

    /// <summary>Returns the rules with default values for all parameters.</summary>
    public static JsonNode WithDefaults(string template)
    {
        foreach (var (name, threshold) in Thresholds)
        {
            var number = threshold["default"]!.ToJsonString();
            var percent = (100 * threshold["default"]!.GetValue<double>()).ToString("0.#", CultureInfo.InvariantCulture);
            template = template.Replace($"\"@{name}@\"", number, StringComparison.Ordinal).Replace($"@{name}@", number, StringComparison.Ordinal)
                .Replace($"@{name}:percent@", percent, StringComparison.Ordinal);
        }

        foreach (var name in (string[])["jobPattern", "clusterLabel", "runbookUrl"])
        {
            template = template.Replace($"@{name}@", Default(name), StringComparison.Ordinal);
        }

        return JsonNode.Parse(template.Replace("@matchers@", "", StringComparison.Ordinal).Replace("@braces@", "", StringComparison.Ordinal))!;
    }

    private static string Default(string parameter) => Parameters.Text(parameter, "default");

    private static void Replace(JsonNode[] rules, string name, string number, string rule, string text)
    {
        var found = false;
        foreach (var each in rules.Where(each => each.Text("alert") == rule || each.Text("record") == rule))
        {
            var wanted = Regex.Escape(text.Replace("@", number, StringComparison.Ordinal)) + "(?![0-9.])";
            each["expr"] = Regex.Replace(
                each.Text("expr"),
                wanted,
                _ =>
                {
                    found = true;
                    return text.Replace("@", $"@{name}@", StringComparison.Ordinal);
                },
                RegexOptions.None,
                TimeSpan.FromMinutes(1));
        }

        if (!found)
        {
            throw new InvalidOperationException($"alerts/parameters.json: {name} ({number}) is not in the rule {rule} as \"{text}\".");
        }
    }

    /// <summary>
    /// Returns PromQL in which every series of the exporter, and up, accepts more matchers. Recorded series already have
    /// them.
    /// </summary>
    private static string Series(string query) =>
        Selector().Replace(query, match => match.Value.EndsWith('{') ? $"{match.Value}@matchers@" : $"{match.Value}@braces@");

    [GeneratedRegex(@"(?<![\w:.$])(?:tcpstat_\w+|up)(?![\w:.])\{?", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Selector();

    [GeneratedRegex("`[^`]*`", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Queries();
}
