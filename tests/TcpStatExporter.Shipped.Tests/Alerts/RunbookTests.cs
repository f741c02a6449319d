using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>
/// Each alert has a runbook, and so does each finding without an alert. They all have the same structure and mention only
/// things that exist.
/// </summary>
public sealed partial class RunbookTests
{
    private const string Folder = "alerts/runbooks";
    private const string AdviceFolder = $"{Folder}/advice";

    private static readonly RuleFile Rules = RuleFile.Load();

    public static TheoryData<string> Runbooks => [.. Repository.Files(Folder, "*.md"), .. Repository.Files(AdviceFolder, "*.md")];

    public static TheoryData<string> Pages => [.. Repository.Files(Folder, "*.md"), .. Repository.Files(AdviceFolder, "*.md"), .. Repository.Files("alerts", "*.md")];

    [Fact]
    public void Every_alert_has_a_runbook_and_every_runbook_an_alert() =>
        Repository.Files(Folder, "*").Select(Path.GetFileName)
            .ShouldBe(Rules.Alerts.Select(rule => $"{rule.Alert}.md").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    /// <summary>The test of each rule checks that its runbook exists. This test checks the other direction.</summary>
    [Fact]
    public void Every_advice_runbook_has_the_name_of_its_rule() =>
        Repository.Files(AdviceFolder, "*").Select(Path.GetFileNameWithoutExtension).Except(RuleBook.All.Select(rule => rule.Id), StringComparer.Ordinal).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void Runbook_has_its_sections_and_says_how_bad_it_is(string path)
    {
        var alert = Path.GetFileNameWithoutExtension(path);
        var text = Repository.Read(path);
        text.ShouldStartWith($"# {alert}\n\n");
        Heading().Matches(text).Select(match => match.Groups["title"].Value)
            .ShouldBe(["What it means", "What users feel", "Confirm", "Fix", "Do not", "Ignore it when"]);
        var advice = RuleBook.All.Where(rule => rule.Id == alert).Select(rule => rule.Severity.ToString());
        foreach (var severity in Rules.Alerts.Where(rule => rule.Alert == alert).Select(rule => rule.Labels["severity"]).Concat(advice))
        {
            text.Split("\n\n")[1].ShouldContain(severity, Case.Insensitive);
        }
    }

    /// <summary>Runbooks show our commands that display changes. For a failing exporter: whatever still works.</summary>
    [Theory]
    [MemberData(nameof(Runbooks))]
    public void Runbook_confirms_with_our_own_commands_first(string path) =>
        Confirm().Match(Repository.Read(path)).Groups["first"].Value.ShouldMatch(
            IsOfTheExporter(path) ? @"^\$ (tcpstat-exporter once|curl -sv? \S*:10006/)" : @"^\$ tcpstat-exporter (doctor --for=10s|top) +# ");

    /// <summary>
    /// Without an exporter, ss confirms the problem, and also the kernel's counters if one shows it: by their changes, not by
    /// totals since boot.
    /// </summary>
    [Theory]
    [MemberData(nameof(Runbooks))]
    public void Runbook_also_confirms_without_the_exporter(string path)
    {
        var text = Repository.Read(path);
        text.ShouldNotContain("nstat -a");
        if (!IsOfTheExporter(path))
        {
            Commands(text).ShouldContain(command => command.StartsWith("$ ss -", StringComparison.Ordinal));
            (Commands(text).Any(command => command.Contains("nstat -n; sleep 10; nstat -z ", StringComparison.Ordinal))
                || text.Contains("o kernel counter shows", StringComparison.Ordinal)).ShouldBeTrue();
        }
    }

    [Fact]
    public void Every_source_is_explained()
    {
        var table = Repository.Read($"{Folder}/TcpStatExporterSourceFailing.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim()).Where(cell => cell != "source" && !cell.StartsWith("---", StringComparison.Ordinal))
            .SelectMany(cell => cell.Split(", "));
        table.ShouldBe(AnySource.All.Select(source => source.Name), ignoreOrder: true);
    }

    /// <summary>
    /// Kernel parameters have the names of this kernel, or are listed: removed, too new for it, or not visible in a
    /// namespace.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_kernel_parameter_exists(string path)
    {
        string[] elsewhere =
        [
            "net.ipv4.tcp_tw_recycle", // removed in 4.12
            "net.ipv4.tcp_migrate_req", // 5.14
            "net.ipv4.tcp_syn_linear_timeouts", // 6.5
            "net.ipv4.tcp_mem", "net.ipv4.tcp_max_orphans", "net.core.netdev_max_backlog", "net.core.default_qdisc", // host-wide only
            "net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_buckets", "net.netfilter.nf_conntrack_tcp_timeout_established", // belongs to a module
        ];
        var text = Repository.Read(path);
        var names = Parameter().Matches(text).Select(match => match.Value)
            .Concat(BareParameter().Matches(Fence().Replace(text, "")).Select(match => match.Groups["name"].Value).Select(name => name.StartsWith("netdev", StringComparison.Ordinal) ? $"net.core.{name}" : $"net.ipv4.{name}"));
        names.Except(elsewhere, StringComparer.Ordinal)
            .Where(name => !File.Exists($"/proc/sys/{name.Replace('.', '/')}"))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_somewhere(string path)
    {
        foreach (Match link in Link().Matches(Repository.Read(path)))
        {
            var target = Path.Combine(Path.GetDirectoryName(path)!, link.Groups["file"].Value);
            File.Exists(Repository.Path(target)).ShouldBeTrue($"{path}: {link.Value}");
            if (link.Groups["anchor"].Success)
            {
                Heading().Matches(Repository.Read(target)).Select(match => match.Groups["title"].Value.ToLowerInvariant().Replace(' ', '-'))
                    .Contains(link.Groups["anchor"].Value, StringComparer.Ordinal).ShouldBeTrue($"{path}: {link.Value}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_metric_in_the_prose_exists(string path) =>
        MetricNames.In(Fence().Replace(Repository.Read(path), ""))
            .Except(MetricNames.Labels.Keys, StringComparer.Ordinal)
            .Except(Rules.Records.Select(rule => rule.Record!), StringComparer.Ordinal)
            .Except(["tcpstat_sample_duration_seconds", "tcpstat_listen_queue_fill_ratio", "tcpstat_listen_queue_wait_seconds"], StringComparer.Ordinal) // histogram families
            .ShouldBeEmpty();

    /// <summary>Counters with the kernel's names exist in the kernel's tables.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_counter_of_nstat_exists(string path)
    {
        var names = KernelCounterNames.TcpExt.Keys.Select(name => $"TcpExt{name}").Concat(KernelCounterNames.Tcp.Keys.Select(name => $"Tcp{name}"))
            .Concat(KernelCounterNames.Udp.Keys.SelectMany(name => new[] { $"Udp{name}", $"Udp6{name}" })).ToArray();
        foreach (var pattern in Nstat().Matches(Repository.Read(path)).SelectMany(match => match.Groups["pattern"].Captures).Select(capture => capture.Value.Trim('\'')))
        {
            names.ShouldContain(name => Regex.IsMatch(name, $"^{pattern.Replace("*", ".*", StringComparison.Ordinal)}$", RegexOptions.None, TimeSpan.FromMinutes(1)), $"{path}: {pattern}");
        }
    }

    /// <summary>Each alternative of a pattern that the reader should grep for matches at least one series.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_grep_pattern_finds_a_series(string path)
    {
        var lines = MetricNames.Lines().ToArray();
        foreach (Match grep in Grep().Matches(Repository.Read(path)))
        {
            foreach (var alternative in Alternatives(grep.Groups["pattern"].Value))
            {
                lines.ShouldContain(line => Regex.IsMatch(line, alternative, RegexOptions.None, TimeSpan.FromMinutes(1)), $"{path}: {alternative}");
            }
        }
    }

    [Fact]
    public void Alternatives_are_split() =>
        Alternatives("^a_(b(_x)?|c)_|d").ShouldBe(["^a_b_x_", "^a_b_", "^a_c_", "d"], ignoreOrder: true);

    private static bool IsOfTheExporter(string path) => Path.GetFileName(path).StartsWith("TcpStatExporter", StringComparison.Ordinal);

    /// <summary>Returns the commands below Confirm.</summary>
    private static string[] Commands(string text) => ConfirmBlock().Match(text).Groups["commands"].Value.Split('\n');

    /// <summary>Returns a pattern with all its alternatives written out, from the innermost group to the outermost.</summary>
    private static IEnumerable<string> Alternatives(string pattern)
    {
        if (Optional().Match(pattern) is { Success: true } optional)
        {
            return Around(optional, [$"({optional.Groups["part"].Value})", ""]).Distinct(StringComparer.Ordinal);
        }

        if (Choice().Match(pattern) is { Success: true } choice)
        {
            return Around(choice, choice.Groups["parts"].Value.Split('|')).Distinct(StringComparer.Ordinal);
        }

        return Whole().Replace(pattern, "\n").Split('\n');

        IEnumerable<string> Around(Match match, IEnumerable<string> parts) =>
            parts.SelectMany(part => Alternatives(pattern[..match.Index] + part + pattern[(match.Index + match.Length)..]));
    }

    [GeneratedRegex("^## (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^## Confirm\n\n```console\n(?<first>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Confirm();

    [GeneratedRegex(@"^## Confirm\n\n```console\n(?<commands>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConfirmBlock();

    [GeneratedRegex(@"\bnet\.(ipv4|core)\.[a-z0-9_]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex("`(?<name>(tcp|ip|netdev)_[a-z0-9_]+)(=\\d+)?`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BareParameter();

    [GeneratedRegex(@"\]\((?<file>[^)#:]+)(#(?<anchor>[^)]+))?\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("^ *```.*?^ *```$", RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"nstat -z( (?<pattern>'?Tcp[A-Za-z*]+'?))+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Nstat();

    [GeneratedRegex(@"(once|/metrics)( --\S+)? \| grep (-E )?'(?<pattern>[^']+)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Grep();

    [GeneratedRegex(@"\((?<part>[^()]*)\)\?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Optional();

    [GeneratedRegex(@"\((?<parts>[^()]*)\)(?!\?)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Choice();

    [GeneratedRegex(@"\|(?![^(]*\))", RegexOptions.None, 1000)]
    private static partial Regex Whole();
}
