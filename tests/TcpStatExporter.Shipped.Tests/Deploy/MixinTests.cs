using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Shipped.Tests.Alerts;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>
/// Rules and dashboards with parameters: with the defaults they match the shipped ones, and with other values they are valid.
/// </summary>
public sealed partial class MixinTests
{
    private const string Readme = "deploy/mixin/README.md";

    private static readonly string[] Templates = [RulesTemplate.Path, "deploy/helm/tcpstat-exporter/files/tcpstat-fleet.json", "deploy/helm/tcpstat-exporter/files/tcpstat-host.json"];

    /// <summary>TCPSTAT_REWRITE=1 writes this one. npm run build in grafana/ writes the one of the dashboards.</summary>
    [Fact]
    public void The_template_is_built_from_the_rules()
    {
        var made = RulesTemplate.Make();
        if (Repository.IsRewriting)
        {
            Repository.Write(RulesTemplate.Path, made);
        }

        Repository.Read(RulesTemplate.Path).ShouldBe(made);
    }

    [Fact]
    public void With_defaults_the_templates_match_what_is_shipped()
    {
        Yaml.Same(RulesTemplate.WithDefaults(Repository.Read(RulesTemplate.Path)), Yaml.Read(RuleFile.Path));
        foreach (var name in (string[])["tcpstat-fleet.json", "tcpstat-host.json"])
        {
            Yaml.Same(
                RulesTemplate.WithDefaults(Repository.Read($"deploy/helm/tcpstat-exporter/files/{name}")),
                JsonNode.Parse(Repository.Read($"grafana/provisioning/dashboards/json/{name}"))!);
        }
    }

    [Fact]
    public void Every_token_is_a_parameter_and_every_parameter_a_token()
    {
        var tokens = Templates.SelectMany(path => Token().Matches(Repository.Read(path)).Select(match => match.Groups["name"].Value)).Distinct(StringComparer.Ordinal);

        tokens.ShouldBe([.. RulesTemplate.Thresholds.Select(pair => pair.Key), "matchers", "braces", "jobPattern", "clusterLabel", "runbookUrl"], ignoreOrder: true);
    }

    [Fact]
    public void Jsonnet_with_defaults_gives_what_is_shipped()
    {
        var mixin = Jsonnet("{}");

        Yaml.Same(mixin["rules"]!, Yaml.Read(RuleFile.Path));
        Yaml.Same(mixin["dashboards"]!["tcpstat-host.json"]!, JsonNode.Parse(Repository.Read("grafana/provisioning/dashboards/json/tcpstat-host.json"))!);
        Yaml.Same(mixin["dashboards"]!["tcpstat-fleet.json"]!, JsonNode.Parse(Repository.Read("grafana/provisioning/dashboards/json/tcpstat-fleet.json"))!);
    }

    [Fact]
    public void Tuned_rules_are_valid_and_use_only_the_selected_series()
    {
        var mixin = Jsonnet(
            """
            { thresholds: { acceptQueueFill: 0.7, ephemeralPortsWarning: 0.75 }, selector: 'env=~"prod|test",dc!="x"', jobPattern: 'tcp.*',
              clusterLabel: 'k8s_cluster', runbookUrl: 'https://runbooks.example.com', alertLabels: { team: 'net' }, disabledAlerts: ['TcpSyncookiesFailed'] }
            """);
        var rules = mixin["rules"]!;
        var all = rules.Items("groups").SelectMany(group => group.Items("rules")).ToArray();
        var text = rules.ToJsonString();

        all.Single(rule => rule.Text("alert") == "TcpAcceptQueueFilling").Text("expr").ShouldContain("tcpstat_listen_queue_fill_ratio_peak{env=~\"prod|test\",dc!=\"x\"} > 0.7");
        var alerts = all.Where(rule => rule["alert"] is not null).ToArray();
        alerts.Select(rule => rule.Text("labels", "team")).Distinct(StringComparer.Ordinal).ShouldBe(["net"]);
        alerts.Select(rule => rule.Text("labels", "severity")).ShouldNotContain("", StringComparer.Ordinal);
        all.Where(rule => rule["record"] is not null).Select(rule => rule["labels"]).ShouldAllBe(labels => labels == null);
        all.Select(rule => rule.Text("alert")).ShouldNotContain("TcpSyncookiesFailed", StringComparer.Ordinal);
        alerts.Select(rule => rule.Text("annotations", "runbook_url")).ShouldBe(alerts.Select(rule => $"https://runbooks.example.com/{rule.Text("alert")}.md"));
        text.ShouldNotContain(" cluster=%q");
        text.ShouldContain("$labels.k8s_cluster ");
        text.ShouldNotContain('@');

        // no series of the exporter without the selector
        foreach (var expr in all.Select(rule => rule.Text("expr")))
        {
            Unselected().Matches(expr).Select(match => match.Value).ShouldBeEmpty(expr);
        }

        using var folder = new TestFolder();
        folder.Write("rules.yml", text); // JSON is YAML
        var checkedRules = Tool.Run(folder.Path, "promtool", "check", "rules", "rules.yml");
        Assert.SkipWhen(checkedRules is null, "promtool is not installed");
        checkedRules!.Value.ExitCode.ShouldBe(0, checkedRules.Value.Output);

        var host = mixin["dashboards"]!["tcpstat-host.json"]!.ToJsonString();
        host.ShouldContain("env=~\\u0022prod|test\\u0022,dc!=\\u0022x\\u0022,k8s_cluster=~\\u0022${cluster:pipe}\\u0022, job=");
        Token().Matches(host).Select(match => match.Value).ShouldBeEmpty();
        OtherCluster().Matches(host).Select(match => match.Value).ShouldBeEmpty();
        host.ShouldContain("https://runbooks.example.com/${__data.fields.alertname}.md");
        mixin["dashboards"]!["tcpstat-fleet.json"]!.ToJsonString().ShouldContain("(from 75 %)");
    }

    [Fact]
    public void An_unknown_threshold_is_an_error()
    {
        var result = Evaluate("{ thresholds: { acceptQueueFil: 0.7 } }");

        result.ExitCode.ShouldNotBe(0);
        result.Output.ShouldContain("no such threshold: acceptQueueFil");
    }

    [Fact]
    public void The_readme_lists_the_parameters()
    {
        const string Begin = "<!-- parameters: written by the tests from alerts/parameters.json -->\n";
        const string End = "<!-- end of parameters -->\n";
        var rows = RulesTemplate.Thresholds.Select(pair => $"| `thresholds.{pair.Key}` | {pair.Value["default"]!.ToJsonString()} | {pair.Value.Text("meaning")} |\n")
            .Concat(RulesTemplate.Parameters.AsObject().Where(pair => pair.Key != "thresholds")
                .Select(pair => $"| `{pair.Key}` | {(pair.Value!.Text("default") is "" or "{}" ? "" : $"`{pair.Value!.Text("default")}`")} | {pair.Value!.Text("meaning")} |\n"));
        var expected = $"\n| parameter | default | meaning |\n| --- | --- | --- |\n{string.Concat(rows)}\n";
        var readme = Repository.Read(Readme);
        var from = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = readme.IndexOf(End, StringComparison.Ordinal);
        if (Repository.IsRewriting)
        {
            Repository.Write(Readme, readme[..from] + expected + readme[to..]);
            return;
        }

        readme[from..to].ShouldBe(expected);
    }

    private static JsonNode Jsonnet(string config)
    {
        var (exitCode, output) = Evaluate(config);
        exitCode.ShouldBe(0, output);
        return JsonNode.Parse(output)!;
    }

    private static (int ExitCode, string Output) Evaluate(string config)
    {
        var result = Tool.Run(
            Repository.Path("deploy/mixin"),
            "jsonnet",
            "-e",
            $"local mixin = (import 'mixin.libsonnet') + {{ _config+:: std.mergePatch(super._config, {config}) }}; {{ rules: mixin.prometheusAlerts, dashboards: mixin.grafanaDashboards }}");
        Assert.SkipWhen(result is null, "jsonnet is not installed");
        return result!.Value;
    }

    /// <summary>The default cluster label, if a query has one.</summary>
    [GeneratedRegex(@"[{(]cluster(?:=|,\s)|,\s?cluster=", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex OtherCluster();

    [GeneratedRegex("@(?<name>[a-zA-Z]+)(?::percent)?@", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Token();

    [GeneratedRegex(@"(?<![\w:.])tcpstat_\w+(?![\w:])(?!\{env=)|(?<![\w:.])up(?![\w:])(?!\{env=)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Unselected();
}
