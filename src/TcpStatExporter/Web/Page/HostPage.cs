using TcpStatExporter.Advisor;
using TcpStatExporter.View;

namespace TcpStatExporter.Web.Page;

/// <summary>
/// Writes the page. It is complete without the script, which only updates an older page. Every element is closed, so XML
/// parsers can read the page too.
/// </summary>
/// <param name="telemetryPath">Path of the metrics.</param>
internal sealed class HostPage(string telemetryPath)
{
    /// <summary>Writes the page.</summary>
    /// <param name="view">What to show.</param>
    /// <param name="search">Part of the address or owner of the requested listeners. Empty for all.</param>
    /// <returns>UTF-8.</returns>
    public byte[] Write(HostView view, string search = "")
    {
        var html = new HtmlWriter();
        var (level, word) = Of(view.Verdict.Level);
        html.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>{word}: {view.Verdict.Text} – {view.Host}</title>
            <link rel="icon" type="image/svg+xml" href="./-/{level}.svg"/>
            <link rel="stylesheet" href="./-/page.css?{PageAsset.Version}"/>
            <script src="./-/page.js?{PageAsset.Version}" defer=""></script>
            </head>
            <body class="{level}">

            """);
        html.Write(Icon.Shapes);
        WriteHeader(html, view);
        html.Write("<main>\n");
        WriteVerdict(html, view, level, word);
        WriteTrends(html, view);
        html.Write("""<div class="grid"><div class="area-listeners">""");
        ListenerSection.Write(html, view, search);
        html.Write("""</div><div class="area-findings">""");
        FindingSection.Write(html, view);
        html.Write("""</div><div class="area-host">""");
        NamespaceSection.Write(html, view);
        HostSection.WriteStates(html, view);
        HostSection.WriteLimits(html, view);
        HostSection.WritePeers(html, view);
        HostSection.WriteSources(html, view);
        html.Write("""</div><div class="area-counters">""");
        HostSection.WriteCounters(html, view);
        html.Write("</div></div>\n</main>\n");
        WriteFooter(html, view);
        html.Write("</body>\n</html>\n");
        return html.ToUtf8();
    }

    private static (string Level, string Word) Of(VerdictLevel level) => level switch
    {
        VerdictLevel.Critical => ("critical", "Critical"),
        VerdictLevel.Warning => ("warning", "Warning"),
        VerdictLevel.Good => ("good", "Good"),
        _ => ("unknown", "Not known"),
    };

    private static void WriteVerdict(HtmlWriter html, HostView view, string level, string word)
    {
        html.Write($"""<section class="verdict {level}" aria-label="Verdict">""");
        Icon.Write(html, level);
        html.Write($"""<div><p class="severity">{word}</p><h1>{view.Verdict.Text}</h1>""");
        if (view.Verdict.Also.Length > 0)
        {
            html.Write($"""<p class="also"><a href="#findings">{view.Verdict.Also}</a></p>""");
        }

        html.Write("</div></section>\n");
    }

    private static void WriteTrends(HtmlWriter html, HostView view)
    {
        html.Write("""<section class="trends" aria-label="The last minute">""");
        WriteTrend(html, view, "Established", view.Established, PageNumber.Count((long?)view.Established.Now), "", PageNumber.Count((long?)view.Established.Peak), "calm");
        WriteTrend(html, view, "Connections lost", view.Lost, PageNumber.Rate(view.Lost.Now), "/s", PageNumber.Rate(view.Lost.Peak), view.Lost.Now > 0 ? "critical" : "calm");
        var fill = view.WorstFill.Now switch
        {
            > 1 => "critical",
            > 0.9 => "warning",
            _ => "calm",
        };
        WriteTrend(html, view, "Fullest accept queue", view.WorstFill, PageNumber.Fill(view.WorstFill.Now), "", PageNumber.Fill(view.WorstFill.Peak), fill, mark: 1);
        html.Write("</section>\n");
    }

    private static void WriteTrend(HtmlWriter html, HostView view, string name, Trend trend, string now, string unit, string peak, string level, double? mark = null)
    {
        html.Write($"""<div class="card tile {level}"><h2>{name}</h2><p class="now"><b>{now}</b>{unit}</p><p class="sub">peak {peak}</p>""");
        Chart.WriteTrend(html, view.HistoryTimes, trend.History, mark is null ? 1 : 1.2, mark);
        html.Write("</div>");
    }

    private static void WriteHeader(HtmlWriter html, HostView view)
    {
        html.Write($"""<header class="top"><p class="brand"><span class="host">{view.Host}</span> <span class="program">tcpstat-exporter</span></p><p class="when" id="when">""");
        if (view.UnixMilliseconds > 0)
        {
            html.Write($"""<time>{PageNumber.Date(view.UnixMilliseconds)}</time>""");
        }

        if (view.IsStale || view.Age is null)
        {
            html.Write("""<span class="chip critical">""");
            Icon.Write(html, "critical");
            html.Write($"""{(view.Age is { } old ? $"the last sample is {PageNumber.Duration(old)} old" : "no sample yet")}</span>""");
        }

        // data-keep: the script writes this element, so an update must not replace it
        html.Write("""</p><div class="live" id="live" data-keep=""><noscript>this page does not refresh by itself: reload it</noscript></div></header>""");
        html.Write("\n");
    }

    private void WriteFooter(HtmlWriter html, HostView view)
    {
        // relative, so it works behind a proxy under another path
        html.Write($"""
            <footer><nav aria-label="Other answers"><a href=".{telemetryPath}">Metrics</a> <a href="./api/v1/view">This view as JSON</a> <a href="./-/healthy">Health</a> <a href="./-/ready">Readiness</a></nav>
            <p>tcpstat-exporter {BuildInfo.Version}{(view.Watched > TimeSpan.Zero ? $" · running for {PageNumber.Duration(view.Watched)}" : "")}</p></footer>

            """);
    }
}
