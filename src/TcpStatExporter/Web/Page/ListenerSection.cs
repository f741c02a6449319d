using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;

namespace TcpStatExporter.Web.Page;

/// <summary>The listeners. Those with problems come first.</summary>
internal static class ListenerSection
{
    /// <summary>Number of listeners shown if nothing is wrong. The others are folded.</summary>
    private const int SeenOfQuiet = 6;

    /// <summary>Minimum and maximum number of listeners shown if something is wrong. The findings come below them.</summary>
    private const int SeenBesideTrouble = 3;
    private const int MostTroubled = 5;

    /// <summary>Seconds of waiting to be accepted that are worth mentioning.</summary>
    private const double NotableWait = 0.1;

    /// <summary>How long a closed listener stays on the page.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);

    /// <summary>Maximum number of listeners on the page. The search finds the others.</summary>
    private const int Most = 300;

    /// <summary>Writes the section.</summary>
    /// <param name="html">The writer.</param>
    /// <param name="view">What to show.</param>
    /// <param name="search">Part of the address or owner of the requested listeners. Empty for all.</param>
    public static void Write(HtmlWriter html, HostView view, string search)
    {
        html.Write("""<section class="card listeners" aria-labelledby="h-listeners"><header><h2 id="h-listeners">Listeners</h2>""");
        if (view.Listeners is { Count: > SeenBesideTrouble } || search.Length > 0)
        {
            // data-keep: an update must not replace what the reader has typed
            html.Write($"""<form class="search" role="search" method="get" action="./" data-keep=""><input type="search" name="q" value="{search}" maxlength="{PageHandler.LongestSearch}" placeholder="Search address or owner" aria-label="Search listeners by address or owner" autocomplete="off" spellcheck="false"/></form>""");
        }

        if (view.SweptUnixMilliseconds > 0)
        {
            html.Write($"""<p class="note">connections as of {PageNumber.Clock(view.SweptUnixMilliseconds)}</p>""");
        }

        html.Write("</header>");
        switch (view.Listeners)
        {
            case null:
                html.Write("""<p class="empty">Listeners could not be read.</p>""");
                break;
            case []:
                html.Write("""<p class="empty">Nothing listens here.</p>""");
                break;
            case var all when search.Length > 0:
                WriteFound(html, [.. all.Where(listener => Matches(listener, search))], all.Count, search);
                break;
            default:
                WriteTables(html, view, view.Listeners);
                break;
        }

        html.Write("</section>");
    }

    private static void WriteTables(HtmlWriter html, HostView view, IReadOnlyList<ListenerView> listeners)
    {
        var troubled = listeners.Count(listener => listener.Condition != ListenerCondition.None);
        var isQuiet = troubled == 0 && view.Findings is null or [];
        var shown = isQuiet ? SeenOfQuiet : Math.Clamp(troubled, SeenBesideTrouble, MostTroubled);

        // a fold that hides only one row takes more room than the row
        shown = listeners.Count <= shown + 1 ? listeners.Count : shown;
        WriteTable(html, listeners.Take(shown), "Listeners, those in trouble first");
        if (listeners.Count > shown)
        {
            html.Write($"""<details class="more" data-key="more-listeners"><summary>{listeners.Count - shown} more{(troubled > shown ? $", {troubled - shown} of them in trouble" : "")}</summary>""");
            WriteTable(html, listeners.Skip(shown).Take(Most - shown), "Further listeners");
            html.Write("</details>");
        }

        foreach (var closed in (view.Closed ?? []).Where(closed => closed.Lost > 0 || closed.Ago < Lately).Take(MostTroubled))
        {
            var owner = closed.Identity.Owner.Length > 0 ? $" ({closed.Identity.Owner})" : "";
            var loss = closed.Lost > 0 ? $"; it lost {PageNumber.Count(closed.Lost)} connections" : "";
            html.Write($"""<p class="note">{closed.Endpoint}{owner} stopped listening {PageNumber.Duration(closed.Ago)} ago{loss}</p>""");
        }

        var untold = Math.Max(0, listeners.Count - Most) + view.ListenersLeftOut;
        if (untold > 0)
        {
            html.Write($"""<p class="note">{untold} more are not shown{(listeners.Count > Most ? " here: search for them" : ": see --listeners.max")}.</p>""");
        }
    }

    private static void WriteFound(HtmlWriter html, IReadOnlyList<ListenerView> found, int all, string search)
    {
        if (found.Count == 0)
        {
            html.Write($"""<p class="empty">None of {all} has “{search}” in its address or owner.</p>""");
            return;
        }

        WriteTable(html, found.Take(Most), "Listeners that were searched for");
        html.Write($"""<p class="note">{found.Count} of {all}{(found.Count > Most ? $", the first {Most} shown" : "")}</p>""");
    }

    private static bool Matches(ListenerView listener, string search) =>
        listener.Endpoint.Contains(search, StringComparison.OrdinalIgnoreCase) || listener.Identity.Owner.Contains(search, StringComparison.OrdinalIgnoreCase);

    private static void WriteTable(HtmlWriter html, IEnumerable<ListenerView> listeners, string caption)
    {
        html.Write($"""
            <table class="rows" role="table"><caption class="unseen">{caption}</caption>
            <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Address and owner</th><th role="columnheader" scope="col">Accept queue</th><th role="columnheader" scope="col" class="num">Lost</th><th role="columnheader" scope="col" class="num">SYN queue</th><th role="columnheader" scope="col" class="num">Established</th></tr></thead>
            <tbody role="rowgroup">

            """);
        foreach (var listener in listeners)
        {
            WriteRow(html, listener);
        }

        html.Write("</tbody></table>\n");
    }

    private static void WriteRow(HtmlWriter html, ListenerView listener)
    {
        var (level, word) = Of(listener.Condition);
        html.Write($"""<tr role="row" class="{level}" data-key="{listener.Endpoint}|{listener.Identity.Unit}"><th role="rowheader" scope="row" class="who"><span class="endpoint">{listener.Endpoint}</span>""");
        if (word.Length > 0)
        {
            html.Write($"""<span class="chip {level}">""");
            Icon.Write(html, level);
            html.Write($"""{word}</span>""");
        }

        var owner = listener.Identity.Owner.Length > 0 ? listener.Identity.Owner : "owner not known";
        html.Write($"""<span class="owner"><bdi>{owner}</bdi>{(listener.Sockets > 1 ? $" · {listener.Sockets} sockets" : "")}</span></th>""");
        html.Write("""<td role="cell" class="fill"><div class="queue">""");
        Chart.WriteBar(html, listener.Fill, listener.FillPeak, Level(listener.Fill));
        html.Write($"""<span class="figure"><b>{PageNumber.Count(listener.Queue)}</b> of {PageNumber.Count(listener.QueueLimit)}</span>""");
        WriteMore(html, listener.QueuePeak > listener.Queue ? $"peak {PageNumber.Count(listener.QueuePeak)}" : "");
        WriteMore(html, listener.Oldest >= NotableWait ? $"oldest waited {Words.Seconds(listener.Oldest.Value)}" : "");
        html.Write("</div></td>");
        var lost = listener.Lost?.Total;
        WriteNumber(html, "Lost", PageNumber.Rate(listener.LostPerSecond), "/s", isQuiet: !(lost > 0), lost > 0 ? $"{PageNumber.Count(lost)} in all" : "");
        WriteNumber(html, "SYN queue", PageNumber.Count(listener.SynQueue), "", isQuiet: !(listener.SynQueuePeak > 0), listener.SynQueuePeak > listener.SynQueue ? $"peak {PageNumber.Count(listener.SynQueuePeak)}" : "");
        var (established, closeWait) = (listener.Connections?[TcpState.Established], listener.Connections?[TcpState.CloseWait]);
        WriteNumber(html, "Established", PageNumber.Count(established), "", isQuiet: !(established > 0 || closeWait > 0), closeWait > 0 ? $"{PageNumber.Count(closeWait)} CLOSE_WAIT" : "");
        html.Write("</tr>\n");
    }

    private static string Level(double? fill) => fill switch
    {
        > 1 => "critical",
        > 0.9 => "warning",
        _ => "calm",
    };

    private static void WriteNumber(HtmlWriter html, string label, string number, string unit, bool isQuiet, string more)
    {
        html.Write($"""<td role="cell" class="num{(isQuiet ? " dim" : "")}" data-label="{label}"><span class="figure"><b>{number}</b>{unit}</span>""");
        WriteMore(html, more);
        html.Write("</td>");
    }

    /// <summary>Writes additional text next to a number.</summary>
    private static void WriteMore(HtmlWriter html, string more)
    {
        if (more.Length > 0)
        {
            html.Write($""" <span class="sub">{more}</span>""");
        }
    }

    private static (string Level, string Word) Of(ListenerCondition trouble) => trouble switch
    {
        ListenerCondition.Losing => ("critical", "losing"),
        ListenerCondition.Full => ("warning", "full"),
        ListenerCondition.LostLately => ("warning", "lost lately"),
        ListenerCondition.Waiting => ("warning", "slow to accept"),
        ListenerCondition.Filling => ("warning", "filling"),
        _ => ("calm", ""),
    };
}
