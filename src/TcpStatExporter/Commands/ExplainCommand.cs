using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Logging;
using TcpStatExporter.Metrics;

namespace TcpStatExporter.Commands;

/// <summary>
/// Explains a metric, kernel counter, alert or finding, with its values on this host, and prints its runbook. All texts are
/// built into the program.
/// </summary>
internal sealed class ExplainCommand
{
    /// <summary>Maximum number of series to list for a metric. The others are only counted.</summary>
    private const int SeriesShown = 20;

    private readonly StringBuilder _text = new();
    private readonly ExporterOptions _options;
    private readonly TimeSpan _time;
    private readonly Runbooks _runbooks;

    private ExplainCommand(ExporterOptions options, TimeSpan time)
    {
        _options = options;
        _time = time;
        _runbooks = new Runbooks(options.RunbooksUrl);
    }

    /// <summary>Explains a name.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="explain">Options of the explain command.</param>
    /// <returns>0, or 2 if the name is unknown.</returns>
    public static async Task<int> RunAsync(ExporterOptions options, ExplainOptions explain)
    {
        var command = new ExplainCommand(TimedRun.Adapt(options) with { AllCounters = true }, explain.For);
        if (!await command.ExplainAsync(explain.Name))
        {
            var closest = Spelling.Closest(explain.Name, Names());
            await FailureLine.WriteAsync($"No metric, kernel counter, alert or finding is called '{explain.Name}'.{(closest is null ? "" : $" Did you mean '{closest}'?")}");
            return CommandLine.UsageError;
        }

        await Console.Out.WriteAsync(command._text.ToString());
        return 0;
    }

    /// <summary>All names that can be explained.</summary>
    internal static IEnumerable<string> Names() =>
    [
        .. Runbooks.Names.Where(IsAlert),
        .. RuleBook.All.Select(rule => rule.Id),
        .. MetricCatalogue.All.Select(entry => entry.Family.Name),
        .. KernelCounters().Where(IsKnownByName).Select(counter => counter.KernelName),
        .. KernelCounters().SelectMany(counter => (string[])[counter.Spelling, KernelCounterFamily.Of(counter).Name]),
    ];

    private static bool IsAlert(string runbook) => !runbook.Contains('/', StringComparison.Ordinal);

    /// <summary>UDP counters have the same names for IPv4 and IPv6.</summary>
    private static bool IsKnownByName(KernelCounter counter) => counter.Group is not (KernelCounterGroup.Udp or KernelCounterGroup.Udp6);

    private static IEnumerable<KernelCounter> KernelCounters() =>
        Enum.GetValues<KernelCounterGroup>().SelectMany(group => KernelCounterCatalogue.All(group));

    private async Task<bool> ExplainAsync(string asked)
    {
        // an alert and a counter may differ only in case: TcpAbortOnMemory, TCPAbortOnMemory
        var name = Names().FirstOrDefault(known => known == asked) ?? Names().FirstOrDefault(known => string.Equals(known, asked, StringComparison.OrdinalIgnoreCase));
        if (RuleBook.All.FirstOrDefault(rule => rule.Id == name) is { } rule)
        {
            _text.Append($"{rule.Id}: finding of tcpstat-exporter doctor, severity {rule.Severity.Name()}.\nFound if {rule.Subject}.\n");
            await AppendJudgementAsync([rule]);
            AppendRunbook(rule.Runbook);
        }
        else if (Runbooks.Names.FirstOrDefault(runbook => IsAlert(runbook) && runbook == name) is { } alert)
        {
            _text.Append($"{alert}: alert.\n");
            await AppendJudgementAsync([.. RuleBook.All.Where(rule => rule.Runbook == alert)]);
            AppendRunbook(alert);
        }
        else if (KernelCounters().FirstOrDefault(counter => counter.KernelName == name || counter.Spelling == name || KernelCounterFamily.Of(counter).Name == name) is { } counter)
        {
            var family = KernelCounterFamily.Of(counter);
            _text.Append($"{counter.Spelling}: kernel counter, exported as {family.Name}{(counter.IsCurated ? "" : " with --counters=all")}.\n");
            _text.Append($"Counts {counter.Meaning}\n");
            await AppendSeriesAsync(family.Name);
            AppendMentions(counter.KernelName);
        }
        else if (MetricCatalogue.All.FirstOrDefault(entry => entry.Family.Name == name) is { } entry)
        {
            _text.Append($"{entry.Family.Name}: {entry.Family.Type.ToString().ToLowerInvariant()}{(entry.Labels.Length == 0 ? "" : $", labels {entry.Labels}")}.\n{entry.Family.Help}\n");
            await AppendSeriesAsync(entry.Family.Name);
            AppendMentions(entry.Family.Name);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>Appends what the rules say about this host now.</summary>
    private async Task AppendJudgementAsync(IReadOnlyList<IRule> rules)
    {
        if (rules.Count == 0)
        {
            return;
        }

        using var sampling = SamplingSetup.Create(_options, TimeProvider.System, NullLoggerFactory.Instance);
        await TimedRun.RunAsync(sampling, _time, NullLogger.Instance);
        new ListenerProcesses(sampling.Store, _options.ProcfsRoot).Find();
        foreach (var (rule, said) in sampling.Examiner.Examine().Judged.Where(judged => rules.Any(rule => rule.Id == judged.Rule.Id)))
        {
            _text.Append($"\nThis host now ({rule.Id}): ");
            _text.Append(said.Finding is { } finding ? $"{finding.Title}\n" : said.Reason is { } reason ? $"not checked: {reason}.\n" : "not found.\n");
            foreach (var line in said.Finding?.Measured ?? [])
            {
                _text.Append($"  {line}\n");
            }
        }
    }

    /// <summary>Appends the samples of a family on this host now.</summary>
    private async Task AppendSeriesAsync(string name)
    {
        using var sampling = SamplingSetup.Create(_options, TimeProvider.System, NullLoggerFactory.Instance);
        await TimedRun.RunAsync(sampling, _time, NullLogger.Instance);
        sampling.Examiner.Examine();
        using var page = new MemoryStream();
        new MetricsPage(sampling.Store, sampling.Advice, process: null, allCounters: true).Render(page, ExpositionFormat.PrometheusText);
        var series = Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length).Split('\n').Where(line => IsSampleOf(line, name)).ToArray();
        _text.Append(series.Length == 0 ? "\nThis host has no series of it now.\n" : "\nThis host now:\n");
        foreach (var line in series.Take(SeriesShown))
        {
            _text.Append($"  {line}\n");
        }

        if (series.Length > SeriesShown)
        {
            _text.Append($"  … and {series.Length - SeriesShown} more: tcpstat-exporter once | grep '^{name}'\n");
        }
    }

    private static bool IsSampleOf(string line, string name)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = line.AsSpan(name.Length);
        foreach (var suffix in (ReadOnlySpan<string>)["_bucket", "_sum", "_count"])
        {
            rest = rest.StartsWith(suffix, StringComparison.Ordinal) ? rest[suffix.Length..] : rest;
        }

        return rest is ['{' or ' ', ..];
    }

    private void AppendRunbook(string name) => _text.Append($"\nRunbook: {_runbooks.Url(name)}\n\n{Runbooks.Text(name)}");

    private void AppendMentions(string name)
    {
        var mentions = Runbooks.Names.Where(runbook => IsAlert(runbook) && Runbooks.Text(runbook).Contains(name, StringComparison.Ordinal)).ToArray();
        if (mentions.Length > 0)
        {
            _text.Append($"\nSee also: {string.Join(", ", mentions)}\n");
        }
    }
}
