using System.Globalization;
using System.Text;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Advisor;

/// <summary>The report for people.</summary>
internal sealed class TextReport
{
    /// <summary>Longer lines are hard to read.</summary>
    public const int WidestLine = 100;

    private const int NarrowestLine = 60;
    private const int Indent = 13;
    private const string Reset = "\e[0m";

    private readonly StringBuilder _text = new();
    private readonly int _width;
    private readonly bool _isColoured;

    /// <summary>Creates a report.</summary>
    /// <param name="width">Width of the terminal in columns.</param>
    /// <param name="isColoured">Use colours.</param>
    public TextReport(int width, bool isColoured)
    {
        _width = Math.Clamp(width, NarrowestLine, WidestLine);
        _isColoured = isColoured;
    }

    /// <summary>Writes the whole report. Call it only once.</summary>
    /// <param name="advice">What the rules said.</param>
    /// <param name="isAll">With what most hosts have.</param>
    /// <param name="others">What was found in other network namespaces.</param>
    public string Write(Advice advice, bool isAll = false, IReadOnlyList<NetnsFindings>? others = null)
    {
        var told = advice.Told(isAll);
        WriteSummary(advice, told, others ?? []);
        foreach (var (rule, finding) in told)
        {
            WriteFinding(rule, finding, advice.Runbooks);
        }

        foreach (var other in others ?? [])
        {
            WriteOther(other);
        }

        WriteRest(advice, isAll);
        WriteCounters(advice);
        return _text.ToString();
    }

    private void WriteSummary(Advice advice, IReadOnlyList<RuleFinding> told, IReadOnlyList<NetnsFindings> others)
    {
        var seconds = advice.Window.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        if (others.Count > 0)
        {
            Wrap($"{NameOf(others[0].Identity)}: {others[0].Advice.Verdict.Text}{(others.Count == 1 ? "" : $", and {others.Count - 1} more in trouble")}.", 0);
            _text.Append("On the host itself: ");
        }

        Wrap($"{advice.Verdict.Text}.", 0, isBegun: others.Count > 0);
        _text.Append($"Watched for {seconds} s: {Many(told, Severity.Critical, "critical", "critical")}, {Many(told, Severity.Warning, "warning", "warnings")}, {Many(told, Severity.Info, "remark", "remarks")}.\n");
        if (advice.IsPartial)
        {
            Wrap("Not everything could be read, so a problem may be missing here. See the end.", 0);
        }
    }

    private static string Many(IReadOnlyList<RuleFinding> told, Severity severity, string one, string many)
    {
        var count = told.Count(found => found.Rule.Severity == severity);
        return $"{count} {(count == 1 ? one : many)}";
    }

    private void WriteFinding(IRule rule, Finding finding, Runbooks runbooks)
    {
        var (word, colour) = rule.Severity switch
        {
            Severity.Critical => ("CRITICAL", "\e[1;31m"),
            Severity.Warning => ("WARNING", "\e[1;33m"),
            _ => ("INFO", "\e[1;36m"),
        };
        _text.Append('\n').Append(Paint(word.PadRight(Indent - 2), colour));
        Wrap($"{finding.Title} [{rule.Id}]", Indent - 2, isBegun: true);
        WritePart("measured", finding.Measured);
        WritePart("why", [finding.Why]);
        WriteChanges(finding.Changes);
        WritePart("cost", [finding.Cost]);
        WritePart("won't help", finding.Folklore is null ? [] : [finding.Folklore]);
        WritePart("runbook", [runbooks.Url(finding.Runbook)]);
    }

    private void WriteChanges(IReadOnlyList<Change> changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            Begin(i == 0 ? "change" : "");
            if (change.Parameter is { } parameter)
            {
                _text.Append(Paint($"{parameter.Name()} = {change.Value}", "\e[1m")).Append($"   (now {(change.Old.Length > 0 ? change.Old : "empty")})\n");
                Begin("");
                Wrap(change.Text, Indent, isBegun: true);
            }
            else
            {
                Wrap(change.Text, Indent, isBegun: true);
            }
        }
    }

    /// <summary>A pod or container by name, and its findings. What most hosts have is not told of it.</summary>
    private void WriteOther(NetnsFindings other)
    {
        _text.Append('\n');
        Wrap($"{NameOf(other.Identity)}:", 0);
        foreach (var (rule, finding) in other.Advice.Findings)
        {
            if (rule.Severity >= Severity.Warning)
            {
                WriteFinding(rule, finding, other.Advice.Runbooks);
            }
        }
    }

    private static string NameOf(NetnsIdentity identity) => $"In {identity.Kind switch
    {
        NetnsKind.Pod => "pod",
        NetnsKind.Container => "container",
        NetnsKind.Unit => "unit",
        _ => "network namespace",
    }} {identity.Name}";

    private void WriteRest(Advice advice, bool isAll)
    {
        var untold = advice.Judged.Where(judged => judged.RuleResult.Reason is not null).ToArray();
        var clean = advice.Judged.Where(judged => judged.RuleResult is { Finding: null, Reason: null }).Select(judged => judged.Rule.Id).ToArray();
        if (clean.Length > 0)
        {
            _text.Append("\nChecked, nothing found:\n");
            _text.Append("  ");
            Wrap(string.Join(", ", clean), 2, isBegun: true);
        }

        if (!isAll && advice.Common.Count > 0)
        {
            _text.Append("\nNot shown because most hosts have it (use --all to show):\n  ");
            Wrap(string.Join(", ", advice.Common.Select(found => found.Rule.Id)), 2, isBegun: true);
        }

        if (untold.Length > 0)
        {
            _text.Append("\nNot checked:\n");
            foreach (var byReason in untold.GroupBy(judged => judged.RuleResult.Reason!, StringComparer.Ordinal))
            {
                _text.Append("  ");
                Wrap($"{string.Join(", ", byReason.Select(judged => judged.Rule.Id))}: {byReason.Key}", 2, isBegun: true);
            }
        }
    }

    private void WriteCounters(Advice advice)
    {
        if (advice.Counters.Count == 0)
        {
            return;
        }

        _text.Append("\nError counters, since boot and while watching:\n");
        foreach (var counter in advice.Counters)
        {
            _text.Append($"  {counter.Name,-30} {Words.Count(counter.SinceBoot),15} {Words.Count(counter.InWindow),10}\n");
        }
    }

    private void WritePart(string label, IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            Begin(i == 0 ? label : "");
            Wrap(lines[i], Indent, isBegun: true);
        }
    }

    private void Begin(string label) => _text.Append("  ").Append(Paint(label.PadRight(Indent - 2), "\e[2m"));

    /// <summary>Wraps words into lines. A word that is longer than a line is not split, because it may be an address.</summary>
    /// <param name="text">The words.</param>
    /// <param name="indent">Indent of the following lines.</param>
    /// <param name="isBegun">The first line is already at its indent.</param>
    private void Wrap(string text, int indent, bool isBegun = false)
    {
        var column = isBegun ? indent : 0;
        var isFirst = true;
        foreach (var word in text.Split(' '))
        {
            if (!isFirst && column + 1 + word.Length > _width)
            {
                _text.Append('\n').Append(' ', indent);
                column = indent;
                isFirst = true;
            }

            _text.Append(isFirst ? "" : " ").Append(word);
            column += word.Length + (isFirst ? 0 : 1);
            isFirst = false;
        }

        _text.Append('\n');
    }

    private string Paint(string text, string colour) => _isColoured && text.Length > 0 ? colour + text + Reset : text;
}
