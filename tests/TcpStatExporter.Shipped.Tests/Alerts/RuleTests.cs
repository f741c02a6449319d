using System.Globalization;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>What each rule must have: names that exist, a severity, texts with live numbers, a runbook.</summary>
public sealed partial class RuleTests
{
    private const string RunbookBase = "https://github.com/tcpstat-exporter/tcpstat-exporter/blob/main/alerts/runbooks/";

    private static readonly RuleFile Rules = RuleFile.Load();

    [Fact]
    public void There_are_rules()
    {
        Rules.Alerts.Select(rule => rule.Alert).Distinct(StringComparer.Ordinal).Count().ShouldBeGreaterThanOrEqualTo(24);
        Rules.Records.Select(rule => rule.Record).ShouldBeUnique(StringComparer.Ordinal);
    }

    [Fact]
    public void Every_name_in_an_expression_is_a_metric_or_a_recording_rule() =>
        Rules.Rules.SelectMany(rule => MetricNames.In(rule.Expr)).Except(Known(), StringComparer.Ordinal).ShouldBeEmpty();

    [Fact]
    public void Every_name_in_an_annotation_is_a_metric_or_a_recording_rule() =>
        Rules.Alerts.SelectMany(rule => rule.Annotations.Values).SelectMany(MetricNames.In).Except(Known(), StringComparer.Ordinal).ShouldBeEmpty();

    [Fact]
    public void Every_name_in_a_unit_test_is_a_metric_or_a_recording_rule() =>
        RuleTestFile.Load()
            .SelectMany(test => test.InputSeries.Select(input => input.Series).Concat(test.PromqlExprTest.Select(expr => expr.Expr)))
            .SelectMany(MetricNames.In)
            .Except(Known(), StringComparer.Ordinal)
            .ShouldBeEmpty();

    [Fact]
    public void Every_label_in_a_query_is_a_label_of_its_metric()
    {
        var texts = Rules.Rules.Select(rule => rule.Expr)
            .Concat(Rules.Alerts.SelectMany(rule => rule.Annotations.Values))
            .Concat(RuleTestFile.Load().SelectMany(test => test.InputSeries).Select(input => input.Series));
        var wrong = from text in texts
                    from Match selector in Selector().Matches(text)
                    let name = selector.Groups["name"].Value
                    where MetricNames.Labels.ContainsKey(name)
                    from Match label in Label().Matches(selector.Groups["labels"].Value)
                    where label.Value is not ("cluster" or "job" or "instance" or "netns") && !MetricNames.Labels[name].Contains(label.Value, StringComparer.Ordinal)
                    select $"{name}: {label.Value}";
        wrong.ShouldBeEmpty();
    }

    /// <summary>
    /// The rules in a group are evaluated in order, but groups are independent. A rule that reads a later rule, or one in
    /// another group, sees old values.
    /// </summary>
    [Fact]
    public void Every_recording_rule_comes_before_its_readers_in_their_group()
    {
        var recorded = Rules.Records.Select(rule => rule.Record!).ToHashSet(StringComparer.Ordinal);
        foreach (var group in Rules.Groups)
        {
            var before = new HashSet<string>(StringComparer.Ordinal);
            foreach (var rule in group.Rules)
            {
                // a rule that reads its own earlier values comes before itself
                before.Add(rule.Record ?? "");
                MetricNames.In(rule.Expr).Where(recorded.Contains).Except(before, StringComparer.Ordinal).ShouldBeEmpty(rule.Record ?? rule.Alert);
            }
        }
    }

    /// <summary>
    /// A recording rule that nobody reads still costs evaluation and series. Rules for dashboards have their own group.
    /// </summary>
    [Fact]
    public void Every_recording_rule_is_read()
    {
        var read = Rules.Rules.SelectMany(rule => rule.Annotations.Values.Append(rule.Expr)).SelectMany(MetricNames.In).ToHashSet(StringComparer.Ordinal);
        Rules.Groups.Where(group => group.Name != "tcpstat.dashboards").SelectMany(group => group.Rules)
            .Where(rule => rule.Record is not null).Select(rule => rule.Record!)
            .Except(read, StringComparer.Ordinal)
            .ShouldBeEmpty();
    }

    /// <summary>A central store shows what the dashboards read, so everything that is recorded goes there.</summary>
    [Fact]
    public void Every_recording_rule_is_sent_to_the_central_store()
    {
        var kept = Regex.Match(Repository.Read("deploy/prometheus/remote-write.yml"), @"write_relabel_configs:[^$]*?regex: (?<names>\S+)", RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(1)).Groups["names"].Value;
        Rules.Records.Select(rule => rule.Record!).Concat(["up", "tcpstat_build_info", "ALERTS", "ALERTS_FOR_STATE"])
            .Where(name => !Regex.IsMatch(name, $"^(?:{kept})$", RegexOptions.None, TimeSpan.FromMinutes(1)))
            .ShouldBeEmpty();
    }

    /// <summary>sk_drops counts packets, not connections.</summary>
    [Fact]
    public void No_rule_treats_discarded_packets_as_losses() =>
        Rules.Rules.SelectMany(rule => rule.Annotations.Values.Append(rule.Expr)).SelectMany(MetricNames.In)
            .Where(name => name.Equals("tcpstat_listen_drops_total", StringComparison.Ordinal))
            .ShouldBeEmpty();

    /// <summary>A count in a text is what was counted. increase() would extrapolate it.</summary>
    [Fact]
    public void No_count_is_extrapolated() =>
        Rules.Rules.Where(rule => rule.Expr.Contains("increase(", StringComparison.Ordinal)).ShouldBeEmpty();

    /// <summary>
    /// An aggregation or a match that names the labels to keep drops the operator's own labels, and mixes clusters.
    /// </summary>
    [Fact]
    public void Hosts_of_two_clusters_are_kept_apart()
    {
        Rules.Rules.Select(rule => rule.Expr).ShouldAllBe(expr => !Mixing().IsMatch(expr));
        Rules.Rules.Select(rule => rule.Expr).Where(expr => Aggregation().IsMatch(expr)).ShouldBeEmpty();
        foreach (var rule in Rules.Alerts)
        {
            foreach (Match query in Printf().Matches(rule.Annotations["summary"] + rule.Annotations["description"]))
            {
                query.Value.ShouldContain("cluster=%q,job=%q,instance=%q,netns=%q", customMessage: rule.Alert);
                query.Value.ShouldContain("$labels.cluster $labels.job $labels.instance $labels.netns", customMessage: rule.Alert);
                query.Groups["format"].Value.Split("%q").Length.ShouldBe(query.Value.Split("$labels.").Length, rule.Alert);
            }
        }
    }

    /// <summary>Reading a day of samples for every target in each evaluation is too expensive for a fleet.</summary>
    [Fact]
    public void No_rule_reads_hours_of_raw_samples() =>
        Rules.Rules.SelectMany(rule => LongRange().Matches(rule.Expr).Select(match => $"{rule.Record ?? rule.Alert}: {match.Value}")).ShouldBeEmpty();

    [Fact]
    public void Every_alert_has_one_of_three_severities()
    {
        foreach (var rule in Rules.Alerts)
        {
            string.Join(' ', rule.Labels.Keys).ShouldBe("severity", rule.Alert);
            rule.Labels["severity"].ShouldBeOneOf("critical", "warning", "info");
        }
    }

    [Fact]
    public void Every_alert_has_texts_and_its_runbook()
    {
        foreach (var rule in Rules.Alerts)
        {
            string.Join(' ', rule.Annotations.Keys).ShouldBe("summary description runbook_url", rule.Alert);
            rule.Annotations["summary"].ShouldContain("{{ $labels.instance }}", customMessage: rule.Alert);
            (rule.Annotations["summary"] + rule.Annotations["description"]).ShouldMatch(
                rule.Alert is "TcpStatExporterDown" or "TcpStatExporterSourceFailing" ? @"\$labels" : @"\$value", rule.Alert);
            rule.Annotations["runbook_url"].ShouldBe($"{RunbookBase}{rule.Alert}.md");
        }
    }

    /// <summary>
    /// The command in the README replaces the base URL of every alert, in the rules and in the manifest, and nothing else.
    /// </summary>
    [Fact]
    public void The_command_in_the_readme_replaces_the_runbook_base()
    {
        const string Manifest = "deploy/kubernetes/prometheusrule.yaml";
        var command = SedCommand().Match(Repository.Read("alerts/README.md"));
        command.Groups["files"].Value.ShouldBe($"{RuleFile.Path} {Manifest}");
        var folder = Directory.CreateTempSubdirectory("tcpstat-alerts-");
        try
        {
            foreach (var path in (string[])[RuleFile.Path, Manifest])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.FullName, path))!);
                File.Copy(Repository.Path(path), Path.Combine(folder.FullName, path));
            }

            var done = Tool.Run(folder.FullName, "bash", "-c", command.Groups["command"].Value);
            Assert.SkipWhen(done is null, "bash is not on the PATH");

            done!.Value.Output.ShouldBeEmpty();
            foreach (var path in (string[])[RuleFile.Path, Manifest])
            {
                var text = File.ReadAllText(Path.Combine(folder.FullName, path));
                text.ShouldBe(Repository.Read(path).Replace(RunbookBase, command.Groups["base"].Value, StringComparison.Ordinal));
                text.ShouldNotContain(RunbookBase);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Except alerts about the whole host or the exporter itself.</summary>
    [Fact]
    public void Every_summary_names_the_namespace() =>
        Rules.Alerts.Where(rule => !rule.Annotations["summary"].Contains("{{ with $labels.netns }} (namespace {{ . }}){{ end }}", StringComparison.Ordinal))
            .Select(rule => rule.Alert)
            .ShouldBe(["TcpMemoryPressure", "TcpMemoryNearLimit", "TcpOrphansNearLimit", "TcpSoftnetDrops", "TcpStatExporterDown", "TcpStatExporterSamplesMissed", "TcpStatExporterNamespacesNotExported"]);

    /// <summary>increase() over two minutes needs two scrapes. With four, one failed scrape hides no losses.</summary>
    [Fact]
    public void Prometheus_scrapes_four_times_in_the_shortest_window()
    {
        Rules.Rules.Any(rule => rule.Expr.Contains("_total[2m]", StringComparison.Ordinal)).ShouldBeTrue();
        Rules.Rules.Any(rule => rule.Expr.Contains("_total[1m]", StringComparison.Ordinal)).ShouldBeFalse();
        var intervals = ((string[])["deploy/prometheus", "deploy/prometheus/scrape"]).SelectMany(folder => Repository.Files(folder, "*.yml"))
            .SelectMany(path => ScrapeInterval().Matches(Repository.Read(path)))
            .Select(match => int.Parse(match.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture))
            .ToArray();
        intervals.Length.ShouldBeGreaterThan(2);
        intervals.ShouldAllBe(seconds => seconds <= 30);
    }

    /// <summary>A misspelt name in Alertmanager's matchers would silently inhibit nothing.</summary>
    [Fact]
    public void Alertmanager_names_alerts_that_exist()
    {
        var alerts = Rules.Alerts.Select(rule => rule.Alert!).ToHashSet(StringComparer.Ordinal);
        var named = AlertName().Matches(Repository.Read("deploy/alertmanager/alertmanager.yml")).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToArray();
        named.Length.ShouldBeGreaterThan(10);
        named.Except(alerts, StringComparer.Ordinal).ShouldBeEmpty();
    }

    private static IEnumerable<string> Known() => MetricNames.Labels.Keys.Concat(Rules.Records.Select(rule => rule.Record!));

    [GeneratedRegex(@"(?<name>[a-z_][a-z0-9_:]*)\{(?<labels>[^{}]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Selector();

    [GeneratedRegex(@"^\$ (?<command>sed -i 's#[^#]+#(?<base>[^#]+)#' (?<files>.+))$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SedCommand();

    [GeneratedRegex(@"\bscrape_interval: (?<seconds>\d+)s$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScrapeInterval();

    [GeneratedRegex("[a-z_]+(?=(=|=~|!=|!~)[\"%])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"\bby \(|\bon \([a-z]", RegexOptions.None, 1000)]
    private static partial Regex Mixing();

    // sum (…), but not sum without (…) (…)
    [GeneratedRegex(@"\b(sum|max|min|avg|count)\s*(\(|by\b)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Aggregation();

    [GeneratedRegex(@"printf `(?<format>[^`]*)`[^|]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Printf();

    // hours or days, unless in steps
    [GeneratedRegex(@"\[\d+[hdw]\]", RegexOptions.None, 1000)]
    private static partial Regex LongRange();

    [GeneratedRegex("Tcp[A-Z][A-Za-z]+", RegexOptions.None, 1000)]
    private static partial Regex AlertName();
}
