using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Counters;
using TcpStatExporter.Metrics;
using TcpStatExporter.Shipped.Tests.Alerts;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>What the dashboards promise, as far as their JSON shows it.</summary>
public sealed partial class DashboardTests
{
    // series that Prometheus itself records about targets and alerts
    private static readonly string[] PrometheusNames = ["up", "ALERTS", "ALERTS_FOR_STATE"];

    private static readonly string[] CorePanels = ["stat", "timeseries", "table", "heatmap", "row"];

    private static readonly string[] Labels =
    [
        "cluster", "job", "instance", "netns", "address", "port", "device", "unit", "destination", "state", "source", "reason", "method", "name", "index",
        "level", "family", "le", "id", "severity", "version", "revision", "runtime", "path", "alertname", "alertstate",
        "kind", "workload", "container",
    ];

    // labels that label_replace and label_join in the dashboards create
    private static readonly string[] MadeLabels = ["limit", "pattern", "listener", "place", "in_cluster", "in_cluster_name", "in_netns", "line", "alert"];

    public static TheoryData<string> Uids => [.. DashboardFile.Uids];

    [Theory]
    [MemberData(nameof(Uids))]
    public void Metrics_exist_in_the_catalogue_or_the_rules(string uid)
    {
        var known = Names().Concat(PrometheusNames).Concat(RuleFile.Load().Records.Select(rule => rule.Record!)).ToHashSet(StringComparer.Ordinal);
        var dashboard = DashboardFile.Provisioned(uid);

        foreach (var (place, expression) in dashboard.Expressions)
        {
            var metrics = MetricsOf(expression).ToArray();
            metrics.ShouldNotBeEmpty(place);
            foreach (var metric in metrics)
            {
                known.Contains(metric).ShouldBeTrue($"{place}: {metric}");
            }
        }
    }

    [Theory]
    [InlineData("sum by (job) (rate(a_total{x=\"b_c\"}[$__rate_interval])) / on (job) group_left () c > bool 0", "a_total c")]
    [InlineData("topk(5, max_over_time(a[$__range] @ end())) or 1e-6 * b", "a b")]
    [InlineData("a{x=~\"$job|\\\"d(\"} unless on (x, y) b == 2", "a b")]
    [InlineData("A{x=\"y\"} unless A{x=\"y\"} offset $__interval", "A A")]
    public void Metrics_are_found_in_an_expression(string expression, string metrics) =>
        string.Join(' ', MetricsOf(expression)).ShouldBe(metrics);

    /// <summary>sk_drops also counts packets that nobody misses.</summary>
    [Theory]
    [MemberData(nameof(Uids))]
    public void Discarded_packets_are_not_reported_as_losses(string uid)
    {
        var dashboard = DashboardFile.Provisioned(uid);

        dashboard.Expressions.ShouldAllBe(query => !query.Expression.Contains("tcpstat_listen_drops", StringComparison.Ordinal));
        dashboard.Panels.Select(panel => (string)panel["description"]!)
            .Where(text => text.Contains("sk_drops", StringComparison.Ordinal))
            .ShouldAllBe(text => text.Contains("nobody misses", StringComparison.Ordinal));
    }

    [Fact]
    public void Losses_by_listener_include_the_unattributed_ones()
    {
        var host = DashboardFile.Provisioned("tcpstat-host");

        var panels = host.Expressions
            .Where(query => query.Expression.Contains("tcpstat_listen_lost_total", StringComparison.Ordinal))
            .Select(query => query.Place).Distinct(StringComparer.Ordinal).ToArray();

        panels.ShouldNotBeEmpty();
        foreach (var panel in panels)
        {
            host.Expressions.ShouldContain(query => query.Place == panel && query.Expression.Contains("tcpstat_listen_lost_unattributed_total", StringComparison.Ordinal), panel);
        }
    }

    /// <summary>
    /// A store for many sites has only the recorded series, which cost a fraction of the listeners' own series.
    /// </summary>
    [Fact]
    public void The_fleet_reads_only_what_is_sent_to_a_central_store()
    {
        var kept = new Regex($"^({KeptByRemoteWrite().Match(Repository.Read("deploy/prometheus/remote-write.yml")).Groups["names"].Value})$", RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(1));

        foreach (var (place, expression) in DashboardFile.Provisioned("tcpstat-fleet").Expressions)
        {
            MetricsOf(expression).ShouldAllBe(metric => kept.IsMatch(metric), place);
        }
    }

    [Fact]
    public void Every_series_recorded_for_dashboards_is_used_by_one()
    {
        var read = DashboardFile.Uids.SelectMany(uid => DashboardFile.Provisioned(uid).Expressions)
            .SelectMany(query => MetricsOf(query.Expression)).ToHashSet(StringComparer.Ordinal);

        foreach (var rule in RuleFile.Load().Groups.Single(group => group.Name == "tcpstat.dashboards").Rules)
        {
            read.Contains(rule.Record!).ShouldBeTrue(rule.Record);
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Listeners_are_distinguished_by_their_device(string uid)
    {
        var lists = DashboardFile.Provisioned(uid).Expressions
            .SelectMany(query => GroupedLabels().Matches(query.Expression).Select(match => match.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries)))
            .Where(labels => labels.Contains("address", StringComparer.Ordinal))
            .ToArray();

        lists.ShouldNotBeEmpty();
        lists.ShouldAllBe(labels => labels.Contains("device", StringComparer.Ordinal));
    }

    /// <summary>0.0.0.0%red0, as in ss, in every table and legend that shows an address.</summary>
    [Theory]
    [MemberData(nameof(Uids))]
    public void An_address_is_shown_with_its_device(string uid)
    {
        const string joined = "\"address\", \"%\", \"address\", \"device\"";
        foreach (var panel in DashboardFile.Provisioned(uid).Panels)
        {
            var targets = panel["targets"]!.AsArray();
            var isTable = (string)panel["type"]! == "table" && panel["transformations"]!.ToJsonString().Contains("\"address\"", StringComparison.Ordinal);
            foreach (var target in targets.Where(target => isTable || ((string?)target!["legendFormat"] ?? "").Contains("{{address}}", StringComparison.Ordinal)))
            {
                ((string)target!["expr"]!).ShouldContain(joined, Case.Sensitive, (string)panel["title"]!);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Labels_match_the_exposition(string uid)
    {
        foreach (var (place, expression) in DashboardFile.Provisioned(uid).Expressions)
        {
            var labels = MatchedLabel().Matches(expression).Select(match => match.Groups["label"].Value)
                .Concat(GroupedLabels().Matches(expression).SelectMany(match => match.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
            foreach (var label in labels)
            {
                Labels.Concat(MadeLabels).Contains(label, StringComparer.Ordinal).ShouldBeTrue($"{place}: {label}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Every_panel_says_what_it_means(string uid)
    {
        var dashboard = DashboardFile.Provisioned(uid);

        ((string?)dashboard.Json["description"]).ShouldNotBeNullOrWhiteSpace();
        foreach (var panel in dashboard.Panels)
        {
            var title = (string?)panel["title"];
            title.ShouldNotBeNullOrWhiteSpace();
            ((string?)panel["description"] ?? "").Length.ShouldBeGreaterThan(60, title);
        }

        dashboard.Variables.ShouldAllBe(variable => !string.IsNullOrWhiteSpace((string?)variable["label"]) && !string.IsNullOrWhiteSpace((string?)variable["description"]));
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Only_core_panels_and_the_chosen_data_source_are_needed(string uid)
    {
        var dashboard = DashboardFile.Provisioned(uid);

        dashboard.AllPanels.Select(panel => (string)panel["type"]!).ShouldAllBe(type => CorePanels.Contains(type, StringComparer.Ordinal));
        var sources = Descendants(dashboard.Json).Where(node => node.ContainsKey("datasource")).Select(node => node["datasource"]!).ToArray();
        sources.ShouldNotBeEmpty();
        sources.ShouldAllBe(source => (string)source["type"]! == "prometheus" && (string)source["uid"]! == "${datasource}");
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Uid_numbers_and_variables_are_consistent(string uid)
    {
        var dashboard = DashboardFile.Provisioned(uid);

        ((string)dashboard.Json["uid"]!).ShouldBe(uid);
        ((int)dashboard.Json["schemaVersion"]!).ShouldBeGreaterThanOrEqualTo(42);
        dashboard.Json.ContainsKey("id").ShouldBeFalse("an id belongs to one Grafana's database");
        dashboard.AllPanels.Select(panel => (int)panel["id"]!).ShouldBeUnique();

        var defined = dashboard.Variables.Select(variable => (string)variable["name"]!).ToArray();
        defined.Distinct(StringComparer.Ordinal).Count().ShouldBe(defined.Length);
        foreach (var (place, expression) in dashboard.Expressions)
        {
            foreach (var name in UsedVariable().Matches(expression).Select(match => match.Groups["name"].Value))
            {
                defined.Concat(["__rate_interval", "__interval", "__range"]).Contains(name, StringComparer.Ordinal).ShouldBeTrue($"{place}: {name}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Panels_fill_the_grid_without_overlap(string uid)
    {
        var taken = new HashSet<(int X, int Y)>();
        foreach (var panel in DashboardFile.Provisioned(uid).AllPanels)
        {
            var (x, y, width, height) = ((int)panel["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!, (int)panel["gridPos"]!["w"]!, (int)panel["gridPos"]!["h"]!);
            var cells = Enumerable.Range(x, width).SelectMany(_ => Enumerable.Range(y, height), (column, line) => (column, line));
            cells.ShouldAllBe(cell => taken.Add(cell), (string?)panel["title"]);
        }

        var lines = taken.Max(cell => cell.Y) + 1;
        taken.Count.ShouldBe(24 * lines, "no cell is left empty");
        taken.Max(cell => cell.X).ShouldBe(23);
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void The_import_differs_only_in_its_inputs(string uid)
    {
        var import = DashboardFile.Importable(uid).Json;

        var input = import["__inputs"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)input["name"]!).ShouldBe("DS_PROMETHEUS");
        ((string)input["pluginId"]!).ShouldBe("prometheus");
        var required = import["__requires"]!.AsArray().Where(entry => (string)entry!["type"]! == "panel").Select(entry => (string)entry!["id"]!);
        required.ShouldBe(DashboardFile.Provisioned(uid).Panels.Select(panel => (string)panel["type"]!).Distinct(StringComparer.Ordinal), ignoreOrder: true);

        var source = import["templating"]!["list"]![0]!;
        ((string)source["current"]!["value"]!).ShouldBe("${DS_PROMETHEUS}");
        source["current"] = DashboardFile.Provisioned(uid).Json["templating"]!["list"]![0]!["current"]!.DeepClone();
        foreach (var added in new[] { "__inputs", "__elements", "__requires" })
        {
            import.Remove(added).ShouldBeTrue();
        }

        JsonNode.DeepEquals(import, DashboardFile.Provisioned(uid).Json).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Tables_with_a_severity_are_sorted_by_it(string uid)
    {
        foreach (var panel in DashboardFile.Provisioned(uid).Panels.Where(panel => (string)panel["title"]! is "Alerts firing" or "Findings" && (string)panel["type"]! == "table"))
        {
            var first = panel["options"]!["sortBy"]![0]!;
            ((string)first["displayName"]!).ShouldBe("Severity");
            ((bool)first["desc"]!).ShouldBeTrue();

            var words = panel["fieldConfig"]!["overrides"]!.AsArray()
                .Single(entry => (string)entry!["matcher"]!["options"]! == "Severity")!["properties"]!.AsArray()
                .Single(property => (string)property!["id"]! == "mappings")!["value"]![0]!["options"]!;
            new[] { "3", "2", "1" }.Select(rank => (string)words[rank]!["text"]!).ShouldBe(["critical", "warning", "info"]);
            var query = (string)panel["targets"]![0]!["expr"]!;
            query.ShouldMatch(@"3 \* \S*\{[^}]*severity=""critical"".* or 2 \* \S*\{[^}]*severity=""warning""");
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Annotations_omit_informational_alerts(string uid) =>
        DashboardFile.Provisioned(uid).Json["annotations"]!["list"]!.AsArray()
            .Select(annotation => (Color: (string)annotation!["iconColor"]!, Severity: SeverityOf().Match((string)annotation["target"]!["expr"]!).Value))
            .ShouldBe([("red", "severity=\"critical\""), ("orange", "severity=\"warning\"")]);

    [Fact]
    public void A_row_of_the_fleet_leads_to_its_host_at_the_same_time()
    {
        var links = Descendants(DashboardFile.Provisioned("tcpstat-fleet").Json)
            .Where(node => node["url"] is not null)
            .Select(node => (string)node["url"]!)
            .Where(url => url.Contains("__data", StringComparison.Ordinal) && !url.Contains("/runbooks/", StringComparison.Ordinal))
            .ToArray();

        links.ShouldNotBeEmpty();
        links.ShouldAllBe(url => url.StartsWith("/d/tcpstat-host?${__url_time_range}&", StringComparison.Ordinal));
        foreach (var choice in new[] { "var-cluster=${__data.fields.in_cluster}&", "var-job=${__data.fields.job}&", "var-instance=${__data.fields.instance}" })
        {
            links.ShouldAllBe(url => url.Contains(choice, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("tcpstat-fleet", "tcpstat-host")]
    [InlineData("tcpstat-host", "tcpstat-fleet")]
    public void A_dashboard_leads_to_the_other_with_its_time_and_data_source(string uid, string other)
    {
        var link = DashboardFile.Provisioned(uid).Json["links"]!.AsArray().ShouldHaveSingleItem()!;

        ((string)link["url"]!).ShouldBe($"/d/{other}?var-datasource=${{datasource}}");
        ((bool)link["keepTime"]!).ShouldBeTrue();
    }

    [Fact]
    public void Below_the_verdicts_all_rows_except_the_listeners_are_collapsed()
    {
        var rows = DashboardFile.Provisioned("tcpstat-host").Json["panels"]!.AsArray().Where(panel => (string)panel!["type"]! == "row").ToArray();

        rows.Length.ShouldBeGreaterThan(8);
        rows.Where(row => !(bool)row!["collapsed"]!).Select(row => (string)row!["title"]!).ShouldBe(["Listeners"]);
        rows.Skip(1).ShouldAllBe(row => row!["panels"]!.AsArray().Count > 0);
    }

    /// <summary>Two clusters may have hosts of the same name.</summary>
    [Theory]
    [MemberData(nameof(Uids))]
    public void Hosts_of_two_clusters_are_kept_apart(string uid)
    {
        var dashboard = DashboardFile.Provisioned(uid);

        ((string)dashboard.Variables.ElementAt(1)["name"]!).ShouldBe("cluster", "what follows depends on it");
        foreach (var (place, expression) in dashboard.Expressions.Where(query => query.Place != "cluster"))
        {
            var selectors = Selector().Matches(expression).Select(match => match.Value).ToArray();
            selectors.ShouldNotBeEmpty(place);
            selectors.ShouldAllBe(selector => selector.Contains("cluster=~\"${cluster:pipe}\"", StringComparison.Ordinal), place);
            GroupedLabels().Matches(expression).Select(match => match.Groups["labels"].Value)
                .Where(labels => labels.Contains("instance", StringComparison.Ordinal))
                .ShouldAllBe(labels => labels.StartsWith("cluster, ", StringComparison.Ordinal), place);
        }
    }

    /// <summary>A link takes its cluster from a column, so each query of the table must have it.</summary>
    [Fact]
    public void Every_table_with_a_link_knows_the_cluster_of_its_rows()
    {
        var tables = DashboardFile.Provisioned("tcpstat-fleet").Panels
            .Where(panel => panel["fieldConfig"]!.ToJsonString().Contains("__data.fields.in_cluster", StringComparison.Ordinal))
            .ToArray();

        tables.Length.ShouldBe(4);
        foreach (var table in tables)
        {
            var title = (string)table["title"]!;
            table["targets"]!.AsArray().ShouldAllBe(target => ((string)target!["expr"]!).Contains("\"in_cluster\", \"()\", \"cluster\", \"\")", StringComparison.Ordinal), title);
            table["fieldConfig"]!["overrides"]!.AsArray()
                .Single(entry => (string)entry!["matcher"]!["options"]! == "in_cluster")!["properties"]!.AsArray()
                .Select(property => (string)property!["id"]!).ShouldBe(["custom.hidden", "custom.hideFrom"], title);
        }
    }

    [Fact]
    public void The_fleet_shows_unattributed_losses_next_to_the_listeners() =>
        DashboardFile.Provisioned("tcpstat-fleet").Expressions
            .Count(query => query.Place.StartsWith("Listeners", StringComparison.Ordinal) && query.Expression.Contains("instance:tcpstat_listen_lost_unattributed:increase2m", StringComparison.Ordinal))
            .ShouldBe(2, "in the time range, and in two minutes");

    /// <summary>Returns the names of samples that the exporter can serve by default.</summary>
    private static IEnumerable<string> Names() =>
        MetricCatalogue.All.SelectMany(entry => entry.Family.Type == MetricType.Histogram
                ? new[] { "_bucket", "_sum", "_count" }.Select(suffix => entry.Family.Name + suffix)
                : [entry.Family.Name])
            .Concat(Enum.GetValues<KernelCounterGroup>().SelectMany(group => KernelCounterCatalogue.Curated(group)).Select(counter => KernelCounterFamily.Of(counter).Name));

    /// <summary>
    /// Returns the metrics of an expression: what is left without strings, matchers, ranges, label lists, functions,
    /// operators and numbers.
    /// </summary>
    private static IEnumerable<string> MetricsOf(string expression)
    {
        var bare = NotAMetric().Replace(QuotedText().Replace(expression, "\"\""), " ");
        return Word().Matches(bare).Select(match => match.Value);
    }

    private static IEnumerable<JsonObject> Descendants(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(property => Descendants(property.Value)).Prepend(o),
        JsonArray array => array.SelectMany(Descendants),
        _ => [],
    };

    [GeneratedRegex("\"(\\\\.|[^\"\\\\])*\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex QuotedText();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b(by|on|ignoring|group_left|group_right|without)\s*\([^)]*\)|\b[a-z0-9_]+\s*(?=\(|by\b)|\b(and|or|unless|bool)\b|\boffset\s+\S+|\b[0-9][0-9.e-]*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex NotAMetric();

    [GeneratedRegex("[a-zA-Z_:][a-zA-Z0-9_:]*", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<=[a-zA-Z0-9_:])\{[^{}]*(\$\{[^}]*\}[^{}]*)*\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Selector();

    [GeneratedRegex("(?<label>[a-z_]+)(=~|!~|!=|=)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex MatchedLabel();

    [GeneratedRegex(@"__name__\]\s+regex: (?<names>\S+)\s+action: keep", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex KeptByRemoteWrite();

    [GeneratedRegex("severity=\"[a-z]+\"", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex SeverityOf();

    [GeneratedRegex(@"\b(by|on|ignoring) \((?<labels>[^)]*)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex GroupedLabels();

    [GeneratedRegex(@"\$\{?(?<name>\w*[a-z]\w*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex UsedVariable();
}
