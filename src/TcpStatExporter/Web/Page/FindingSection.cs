using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;

namespace TcpStatExporter.Web.Page;

/// <summary>The findings, worst first. Each can be expanded.</summary>
internal static class FindingSection
{
    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, HostView view)
    {
        html.Write("""<section class="card findings" id="findings" aria-labelledby="h-findings"><header><h2 id="h-findings">Findings</h2>""");
        if (view.JudgedUnixMilliseconds > 0)
        {
            html.Write($"""<p class="note">checked {PageNumber.Clock(view.JudgedUnixMilliseconds)}, every second</p>""");
        }

        html.Write("</header>");
        switch (view.Findings)
        {
            case null:
                html.Write("""<p class="empty">Just started: no verdict yet.</p>""");
                break;
            case []:
                html.Write("""<p class="empty">No rule found anything.</p>""");
                break;
            default:
                var isFirst = true;
                foreach (var (rule, finding) in view.Findings)
                {
                    WriteFinding(html, rule, finding, view.Runbooks, isOpen: isFirst && rule.Severity == Severity.Critical);
                    isFirst = false;
                }

                break;
        }

        html.Write("</section>");
    }

    private static void WriteFinding(HtmlWriter html, IRule rule, Finding finding, Runbooks runbooks, bool isOpen)
    {
        var (level, word) = rule.Severity switch
        {
            Severity.Critical => ("critical", "Critical"),
            Severity.Warning => ("warning", "Warning"),
            _ => ("info", "Remark"),
        };
        html.Write($"""<details class="finding {level}" data-key="{rule.Id}" """);
        if (isOpen)
        {
            html.Write("open=\"\"");
        }

        html.Write("><summary>");
        Icon.Write(html, level);
        html.Write($"""<span class="severity">{word}</span> <span class="title">{finding.Title}</span></summary><dl>""");
        WriteLines(html, "Measured", finding.Measured);
        WriteLines(html, "Why", [finding.Why]);
        WriteChanges(html, finding.Changes);
        WriteLines(html, "Cost", [finding.Cost]);
        WriteLines(html, "Won't help", finding.Folklore is null ? [] : [finding.Folklore]);
        html.Write($"""<dt>Rule</dt><dd><code>{rule.Id}</code> · <a href="{runbooks.Url(finding.Runbook)}" rel="noreferrer">runbook {finding.Runbook}</a></dd></dl></details>""");
        html.Write("\n");
    }

    private static void WriteLines(HtmlWriter html, string label, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        html.Write($"<dt>{label}</dt><dd>");
        foreach (var line in lines)
        {
            html.Write($"<p>{line}</p>");
        }

        html.Write("</dd>");
    }

    private static void WriteChanges(HtmlWriter html, IReadOnlyList<Change> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        html.Write("<dt>Change</dt><dd>");
        foreach (var change in changes)
        {
            html.Write("<p>");
            if (change.Parameter is { } parameter)
            {
                html.Write($"""<code class="setting">{parameter.Name()} = {change.Value}</code> <span class="sub">now {(change.Old.Length > 0 ? change.Old : "empty")}</span><br/>""");
            }

            html.Write($"{change.Text}</p>");
        }

        html.Write("</dd>");
    }
}
