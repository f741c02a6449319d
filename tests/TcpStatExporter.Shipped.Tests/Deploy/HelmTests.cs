using System.Text.Json.Nodes;
using NJsonSchema;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>
/// The Helm chart produces the same manifests as kustomize. It is rendered by helm if that is installed, otherwise by a small
/// program around the same template engine (helm/render.go).
/// </summary>
public sealed class HelmTests
{
    private const string Chart = "deploy/helm/tcpstat-exporter";
    private const string Name = "tcpstat-exporter";

    private const string Everything = """
        {"image":{"repository":"registry.example.com/tcpstat-exporter"},"monitor":{"enabled":true},"rules":{"enabled":true},"dashboards":{"enabled":true}}
        """;

    private static readonly Lazy<IReadOnlyList<JsonNode>?> All = new(() => Render(Everything));

    /// <summary>Labels that Helm adds to distinguish releases. Nothing else may differ.</summary>
    private static readonly string[] HelmsOwn = ["app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"];

    public static TheoryData<string> Manifests =>
    [
        .. Repository.Files("deploy/kubernetes", "*.yaml").Concat(Repository.Files("deploy/kubernetes/exporter", "*.yaml"))
            .Where(path => Path.GetFileName(path) is not ("kustomization.yaml" or "namespace.yaml")),
    ];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void The_chart_renders_the_manifest_of_kustomize(string path)
    {
        var expected = Yaml.Read(path);
        var image = Yaml.Read("deploy/kubernetes/exporter/kustomization.yaml").Items("images").Single();
        if (expected.Text("kind") == "DaemonSet")
        {
            var container = expected.At("spec", "template", "spec", "containers", 0)!;
            container["image"] = $"{image.Text("newName")}:{image.Text("newTag")}";
            container["imagePullPolicy"] = "IfNotPresent"; // Kubernetes's default
        }

        Compare(Rendered().Single(document => document.Text("kind") == expected.Text("kind")), expected);
        if (expected.Text("kind") == "DaemonSet")
        {
            OpenerPatch.ApplyTo(expected);
            var container = expected.At("spec", "template", "spec", "containers", 1)!;
            container["image"] = $"{image.Text("newName")}:{image.Text("newTag")}";
            container["imagePullPolicy"] = "IfNotPresent";
            Compare(
                Require(Render("""{"image":{"repository":"registry.example.com/tcpstat-exporter"},"opener":{"enabled":true}}""")).Single(document => document.Text("kind") == "DaemonSet"),
                expected);
        }
    }

    private static void Compare(JsonNode rendered, JsonNode expected)
    {
        rendered.Text("metadata", "namespace").ShouldBe(Yaml.Read("deploy/kubernetes/kustomization.yaml").Text("namespace"));
        rendered["metadata"]!.AsObject().Remove("namespace");
        Yaml.Same(WithoutHelmsOwn(rendered), expected);
    }

    [Theory]
    [InlineData("fleet")]
    [InlineData("host")]
    public void The_chart_renders_the_ConfigMaps_of_the_dashboards(string board)
    {
        var kustomization = Yaml.Read("grafana/kustomization.yaml");
        var map = Rendered().Single(document => document.Text("metadata", "name") == $"tcpstat-dashboard-{board}");

        kustomization.Items("configMapGenerator").Select(generator => generator.Text("name")).ShouldContain(map.Text("metadata", "name"), StringComparer.Ordinal);
        WithoutHelmsOwn(map).Map("metadata", "labels").ShouldBe(kustomization.Map("generatorOptions", "labels"), ignoreOrder: true);
        map.Map("metadata", "annotations").ShouldBe(kustomization.Map("generatorOptions", "annotations"));
        map.Map("data").ShouldHaveSingleItem().Key.ShouldBe($"tcpstat-{board}.json");
        Yaml.Same(JsonNode.Parse(map.Text("data", $"tcpstat-{board}.json"))!, JsonNode.Parse(Repository.Read($"grafana/provisioning/dashboards/json/tcpstat-{board}.json"))!);
    }

    [Fact]
    public void The_chart_renders_nothing_else()
    {
        Rendered().Select(document => document.Text("kind")).Order(StringComparer.Ordinal)
            .ShouldBe(["ConfigMap", "ConfigMap", "DaemonSet", "NetworkPolicy", "PodMonitor", "PrometheusRule", "Service", "ServiceAccount"]);
        Require(Render("{}")).Select(document => document.Text("kind")).Order(StringComparer.Ordinal)
            .ShouldBe(["DaemonSet", "NetworkPolicy", "Service", "ServiceAccount"]);
    }

    [Fact]
    public void Values_change_what_they_describe()
    {
        var rendered = Require(Render(
            """
            { "port": 9100, "cgroup": false, "pods": false, "webConfigSecret": "tls", "networkPolicy": { "enabled": false }, "serviceAccount": { "create": false },
              "monitor": { "enabled": true, "kind": "ServiceMonitor", "interval": "30s", "endpoint": { "scheme": "https", "basicAuth": { "username": { "name": "scrape", "key": "user" } } },
                "relabelings": [{ "targetLabel": "cluster", "replacement": "east" }] },
              "rules": { "enabled": true, "alertLabels": { "team": "net" }, "disabledAlerts": ["TcpSyncookiesFailed"] },
              "dashboards": { "enabled": true },
              "parameters": { "selector": "env=\"prod\",zone=~\"a\\\\.b\"", "runbookUrl": "https://runbooks.example.com", "thresholds": { "acceptQueueFill": 0.7, "ephemeralPortsWarning": 0.75 } } }
            """));
        var daemonSet = rendered.Single(document => document.Text("kind") == "DaemonSet");
        var container = daemonSet.At("spec", "template", "spec", "containers", 0)!;
        var rules = rendered.Single(document => document.Text("kind") == "PrometheusRule").Items("spec", "groups").SelectMany(group => group.Items("rules")).ToArray();
        var filling = rules.Single(rule => rule.Text("alert") == "TcpAcceptQueueFilling");
        var monitor = rendered.Single(document => document.Text("kind") == "ServiceMonitor");

        container.Items("args").Select(item => item.ToString()).ShouldBe(["--web.listen-address=:9100", "--web.config.file=/etc/tcpstat-exporter/web-config.yml", "--log.format=json"]);
        container.Text("ports", 0, "containerPort").ShouldBe("9100");
        container.Text("livenessProbe", "tcpSocket", "port").ShouldBe("metrics");
        daemonSet.At("spec", "template", "spec", "hostPID").ShouldBeNull();
        daemonSet.At("spec", "template", "spec")!.Items("volumes").ShouldHaveSingleItem().Text("secret", "secretName").ShouldBe("tls");
        daemonSet.Text("spec", "template", "spec", "serviceAccountName").ShouldBe("default");
        monitor.Text("spec", "endpoints", 0, "interval").ShouldBe("30s");
        monitor.Text("spec", "endpoints", 0, "scheme").ShouldBe("https");
        monitor.Text("spec", "endpoints", 0, "basicAuth", "username", "name").ShouldBe("scrape");
        monitor.Items("spec", "endpoints", 0, "relabelings").Select(relabeling => relabeling.Text("targetLabel")).ShouldBe(["instance", "", "cluster"]);
        rules.Select(rule => rule.Text("alert")).ShouldNotContain("TcpSyncookiesFailed", StringComparer.Ordinal);
        filling.Text("expr").ShouldContain("""tcpstat_listen_queue_fill_ratio_peak{env="prod",zone=~"a\\.b"} > 0.7""");
        filling.Map("labels").ShouldBe([KeyValuePair.Create("severity", "warning"), KeyValuePair.Create("team", "net")], ignoreOrder: true);
        filling.Text("annotations", "runbook_url").ShouldBe("https://runbooks.example.com/TcpAcceptQueueFilling.md");
        rules.Where(rule => rule["record"] is not null).Select(rule => rule["labels"]).ShouldAllBe(labels => labels == null);
        var fleet = JsonNode.Parse(rendered.Single(document => document.Text("metadata", "name") == "tcpstat-dashboard-fleet").Text("data", "tcpstat-fleet.json"))!;
        fleet.ToJsonString().ShouldContain("(from 75 %)");
        rendered.Select(document => document.ToJsonString()).ShouldAllBe(text => !text.Contains("@matchers@", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_schema_has_exactly_the_existing_values()
    {
        var schema = await JsonSchema.FromJsonAsync(Repository.Read($"{Chart}/values.schema.json"), TestContext.Current.CancellationToken);

        schema.Validate(Yaml.Read($"{Chart}/values.yaml").ToJsonString()).ShouldBeEmpty();
        schema.Validate(Everything).ShouldBeEmpty();
        foreach (var wrong in (string[])
        [
            """{"parameters":{"thresholds":{"acceptQueueFil":0.5}}}""",
            """{"parameters":{"thresholds":{"acceptQueueFill":"0.5"}}}""",
            """{"monitor":{"kind":"Probe"}}""",
            """{"port":70000}""",
            """{"args":["--web.listen-address=:1"]}""",
            """{"hostNetwork":true}""",
            """{"opener":true}""",
            """{"opener":{"enable":true}}""",
        ])
        {
            schema.Validate(wrong).ShouldNotBeEmpty(wrong);
        }
    }

    [Fact]
    public void Parameters_and_versions_match_the_project()
    {
        var values = Yaml.Read($"{Chart}/values.yaml");
        var chart = Yaml.Read($"{Chart}/Chart.yaml");
        var schema = JsonNode.Parse(Repository.Read($"{Chart}/values.schema.json"))!;

        values.Map("parameters", "thresholds").ShouldBe(RulesTemplate.Thresholds.Select(pair => KeyValuePair.Create(pair.Key, pair.Value["default"]!.ToJsonString())));
        foreach (var name in (string[])["selector", "jobPattern", "clusterLabel", "runbookUrl"])
        {
            values.Text("parameters", name).ShouldBe(RulesTemplate.Parameters.Text(name, "default"));
        }

        schema.At("properties", "parameters", "properties", "thresholds", "properties")!.AsObject().Select(pair => KeyValuePair.Create(pair.Key, pair.Value!.Text("description")))
            .ShouldBe(RulesTemplate.Thresholds.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Text("meaning"))));
        Repository.Read("Directory.Build.props").ShouldContain($"<Version>{chart.Text("version")}</Version>");
        chart.Text("appVersion").ShouldBe(chart.Text("version"));
    }

    /// <summary>Returns copies of the chart's documents, which a test may change.</summary>
    private static IEnumerable<JsonNode> Rendered() => Require(All.Value).Select(document => document.DeepClone());

    private static IReadOnlyList<JsonNode> Require(IReadOnlyList<JsonNode>? documents)
    {
        Assert.SkipWhen(documents is null, "neither helm nor go with sprig and yaml is installed");
        return documents!;
    }

    private static IReadOnlyList<JsonNode>? Render(string values)
    {
        using var folder = new TestFolder();
        folder.Write("values.json", values);
        var file = folder.PathOf("values.json");
        var (exitCode, output) = Tool.Run(Repository.Path("."), "helm", "template", Name, Chart, "--namespace", Name, "--values", file)
            ?? Tool.Run(
                Repository.Path("."),
                "env",
                "GO111MODULE=off",
                "GOPATH=/usr/share/gocode",
                "GOFLAGS=",
                "go",
                "run",
                "tests/TcpStatExporter.Shipped.Tests/Deploy/helm/render.go",
                Chart,
                Name,
                Name,
                file)!.Value;
        if (exitCode == 127 || output.Contains("cannot find package", StringComparison.Ordinal))
        {
            return null;
        }

        exitCode.ShouldBe(0, output);
        return Yaml.Parse(output);
    }

    private static JsonNode WithoutHelmsOwn(JsonNode document)
    {
        if (document is JsonObject map)
        {
            foreach (var name in HelmsOwn)
            {
                map.Remove(name);
            }
        }

        foreach (var child in document is JsonObject each ? each.Select(pair => pair.Value) : document is JsonArray array ? array : [])
        {
            if (child is not null)
            {
                WithoutHelmsOwn(child);
            }
        }

        return document;
    }
}
