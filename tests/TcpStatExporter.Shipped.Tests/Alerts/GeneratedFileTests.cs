using System.Text;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>Files generated from the rules are up to date. TCPSTAT_REWRITE=1 rewrites them. Read the diff.</summary>
public sealed class GeneratedFileTests
{
    private const string Readme = "alerts/README.md";
    private const string Manifest = "deploy/kubernetes/prometheusrule.yaml";

    private static readonly RuleFile Rules = RuleFile.Load();

    [Fact]
    public void PrometheusRule_contains_the_rules()
    {
        var rules = Repository.Read(RuleFile.Path);
        var groups = rules[rules.IndexOf("groups:\n", StringComparison.Ordinal)..];
        var expected = new StringBuilder(
            $"""
            # Written by the tests from {RuleFile.Path}: change that file, and run TCPSTAT_REWRITE=1 dotnet test.
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata:
              name: tcpstat-exporter
              labels:
                app.kubernetes.io/name: tcpstat-exporter
                # what the ruleSelector of your Prometheus asks for
                release: prometheus
            spec:

            """);
        foreach (var line in groups.TrimEnd('\n').Split('\n'))
        {
            expected.Append(line.Length > 0 ? "  " : "").Append(line).Append('\n');
        }

        if (Repository.IsRewriting)
        {
            Repository.Write(Manifest, expected.ToString());
        }

        Repository.Read(Manifest).ShouldBe(expected.ToString());
    }

    [Fact]
    public void Readme_lists_the_alerts() => Section(
        "<!-- alerts: written by the tests from the rules and the runbooks -->\n",
        "<!-- end of alerts -->\n",
        "| alert | severity | after | what |\n| --- | --- | --- | --- |\n" + string.Concat(
            from rules in Rules.Alerts.GroupBy(rule => rule.Alert!, StringComparer.Ordinal)
            let severity = string.Join(" or ", rules.Select(rule => rule.Labels["severity"]))
            let after = string.Join(" or ", rules.Select(rule => rule.For ?? "at once").Distinct(StringComparer.Ordinal))
            select $"| [{rules.Key}](runbooks/{rules.Key}.md) | {severity} | {after} | {FirstParagraph(rules.Key)} |\n"));

    [Fact]
    public void Readme_lists_the_recording_rules() => Section(
        "<!-- recording rules: written by the tests from the rules -->\n",
        "<!-- end of recording rules -->\n",
        string.Concat(Rules.Records.Select(rule => $"- `{rule.Record}`\n")));

    private static string FirstParagraph(string alert) => Repository.Read($"alerts/runbooks/{alert}.md").Split("\n\n")[1].ReplaceLineEndings(" ");

    private static void Section(string begin, string end, string expected)
    {
        var readme = Repository.Read(Readme);
        var from = readme.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = readme.IndexOf(end, StringComparison.Ordinal);
        from.ShouldBeInRange(begin.Length, to);
        expected = $"\n{expected}\n";
        if (Repository.IsRewriting)
        {
            Repository.Write(Readme, readme[..from] + expected + readme[to..]);
            return;
        }

        readme[from..to].ShouldBe(expected);
    }
}
