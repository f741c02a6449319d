using TcpStatExporter.View;

namespace TcpStatExporter.Web.Page;

/// <summary>The other network namespaces of the host, those in trouble first.</summary>
internal static class NamespaceSection
{
    /// <summary>So many are seen at once, and all that were in trouble; the others unfold.</summary>
    private const int SeenAtOnce = 5;

    /// <summary>More are only counted.</summary>
    private const int Most = 500;

    /// <summary>Writes it, if there is something to show.</summary>
    public static void Write(HtmlWriter html, HostView view)
    {
        if (view.Namespaces is not { } all)
        {
            return;
        }

        html.Write("""<section class="card namespaces" aria-labelledby="h-namespaces"><header><h2 id="h-namespaces">Pods and containers</h2>""");
        html.Write($"""<p class="note">{PageNumber.Count((long?)all.Count)}, {PageNumber.Count((long?)all.Count(one => one.IsInTrouble))} in trouble</p></header>""");
        if (all.Count == 0)
        {
            html.Write("""<p class="empty">None is there now.</p></section>""");
            return;
        }

        var shown = Math.Max(SeenAtOnce, all.Count(one => one.WasInTrouble));
        WriteTable(html, all.Take(Math.Min(shown, Most)), "Network namespaces, those in trouble first");
        if (all.Count > shown)
        {
            html.Write($"""<details class="more" data-key="more-namespaces"><summary>{all.Count - shown} more, not in trouble</summary>""");
            WriteTable(html, all.Skip(shown).Take(Most), "Further network namespaces");
            html.Write("</details>");
        }

        html.Write("</section>");
    }

    private static void WriteTable(HtmlWriter html, IEnumerable<NetnsView> namespaces, string caption)
    {
        html.Write($"""
            <table role="table" class="rows"><caption class="unseen">{caption}</caption>
            <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Name</th><th role="columnheader" scope="col" class="num">Open</th><th role="columnheader" scope="col" class="num">TIME_WAIT</th><th role="columnheader" scope="col" class="num">Lost</th><th role="columnheader" scope="col" class="num">Resent</th></tr></thead>
            <tbody role="rowgroup">

            """);
        foreach (var one in namespaces)
        {
            html.Write($"""<tr role="row" data-key="netns-{one.Name}" class="{(one.IsInTrouble ? "critical" : "")}"><th role="rowheader" scope="row" class="name">""");
            if (one.HasView)
            {
                html.Write($"""<a href="./?netns={Uri.EscapeDataString(one.Name)}">{one.Name}</a>""");
            }
            else
            {
                html.Write($"{one.Name}");
            }

            html.Write($"""<span class="sub">{one.Kind}{(one.IsInTrouble ? ", in trouble" : one.WasInTrouble ? ", was in trouble" : "")}</span></th>""");
            html.Write($"""<td role="cell" class="num">{PageNumber.Count((long?)one.Established)}{(Beside(one).Length > 0 ? " " : "")}<span class="sub">{Beside(one)}</span></td><td role="cell" class="num">{PageNumber.Count((long?)one.TimeWait)}</td>""");
            html.Write($"""<td role="cell" class="num">{(one.LostRecently > 0 ? "+" : "")}{(one.LostRecently > 0 ? PageNumber.Count((ulong?)one.LostRecently) : "")}<span class="sub">{PageNumber.Count((ulong?)(one.Lost + one.OtherLost))} in all</span></td>""");
            html.Write($"""<td role="cell" class="num">{PageNumber.Percent(one.RetransmittedRatio)}</td></tr>""");
            html.Write("\n");
        }

        html.Write("</tbody></table>");
    }

    private static string Beside(NetnsView one) => string.Join(
        ", ",
        new[] { one.QueueFill > 0 ? $"queue {PageNumber.Fill(one.QueueFill)}" : "", one.CloseWait > 0 ? $"{PageNumber.Count(one.CloseWait)} CLOSE_WAIT" : "" }.Where(part => part.Length > 0));
}
