using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;

namespace TcpStatExporter.Web.Page;

/// <summary>The whole host: states, limits, counters, sources.</summary>
internal static class HostSection
{
    /// <summary>Number of counters shown if none of them counts losses. The others are folded.</summary>
    private const int CountersSeenAtOnce = 4;

    /// <summary>Number of limits shown. Limits that are at least half used are always shown. The others are folded.</summary>
    private const int LimitsSeenAtOnce = 3;

    private const double Half = 0.5;

    private const double Near = 0.8;
    private const double AtEnd = 0.95;

    /// <summary>Writes the states.</summary>
    public static void WriteStates(HtmlWriter html, HostView view)
    {
        html.Write($"""<section class="card states" aria-labelledby="h-states"><header><h2 id="h-states">States</h2><p class="note">{Past(view)}{Counted(view)}</p></header>""");
        if (view.States is null)
        {
            html.Write($"""<p class="empty">{(view[SourceId.Sockets].Exists ? "Sockets could not be read" : view[SourceId.Listeners].Exists ? "Not counted yet: pods and containers take turns" : "Only counted with access to its sockets (--netns.opener)")}.</p></section>""");
            return;
        }

        html.Write($"""
            <table role="table"><caption class="unseen">Sockets by state</caption>
            <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col" class="past"><span class="unseen">Course</span></th><th role="columnheader" scope="col" class="num">Now</th><th role="columnheader" scope="col" class="num">Peak, {PageNumber.Duration(view.PeakWindow)}</th></tr></thead>
            <tbody role="rowgroup">

            """);
        foreach (var state in view.States)
        {
            html.Write($"""<tr role="row" data-key="{state.Name}" class="{(state.Now == 0 && state.Peak == 0 ? "dim" : "")}"><th role="rowheader" scope="row" class="name">{state.Name}""");
            if (state.State == TcpState.CloseWait && view.CloseWaitUnaccepted is > 0 and var left)
            {
                html.Write($"""<span class="sub">{PageNumber.Count(left)} unaccepted</span>""");
            }

            html.Write("""</th><td role="cell" class="past">""");
            Chart.WriteTrend(html, view.HistoryTimes, state.History);
            html.Write($"""</td><td role="cell" class="num"><b>{PageNumber.Count(state.Now)}</b></td><td role="cell" class="num">{PageNumber.Count(state.Peak)}</td></tr>""");
            html.Write("\n");
        }

        html.Write("</tbody></table></section>");
    }

    /// <summary>Writes everything that has a limit.</summary>
    public static void WriteLimits(HtmlWriter html, HostView view)
    {
        if (view.Limits.Count == 0 && !view[SourceId.Sysctl].Exists)
        {
            return;
        }

        html.Write("""<section class="card limits" aria-labelledby="h-limits"><header><h2 id="h-limits">Limits</h2></header>""");
        if (view.Limits.Count == 0)
        {
            html.Write("""<p class="empty">Limits could not be read.</p></section>""");
            return;
        }

        var limits = view.Limits.OrderByDescending(limit => limit.Ratio ?? 0).ToArray();
        var shown = Math.Max(LimitsSeenAtOnce, limits.Count(limit => limit.Ratio >= Half));
        WriteLimits(html, limits.Take(shown));
        if (limits.Length > shown)
        {
            html.Write($"""<details class="more" data-key="more-limits"><summary>{limits.Length - shown} more, none half used</summary>""");
            WriteLimits(html, limits.Skip(shown));
            html.Write("</details>");
        }

        html.Write("</section>");
    }

    private static void WriteLimits(HtmlWriter html, IEnumerable<LimitView> limits)
    {
        html.Write("<ul>");
        foreach (var limit in limits)
        {
            html.Write($"""<li data-key="{limit.Kind.ToString()}"><p class="line"><span class="what">{limit.Name}</span> <span class="figure"><b>{PageNumber.Of(limit, limit.Used)}</b>""");
            if (limit.Ratio is { } ratio)
            {
                html.Write($""" of {PageNumber.Of(limit, limit.Limit)}</span> <span class="share">{PageNumber.Percent(ratio)}</span></p>""");
                Chart.WriteBar(html, ratio, null, ratio >= AtEnd ? "critical" : ratio >= Near ? "warning" : "calm");
            }
            else
            {
                html.Write("""</span> <span class="lacking">limit not known</span></p>""");
            }

            html.Write($"""<p class="sub"><code>{limit.Setting}</code>{(limit.Detail.Length > 0 ? " · " : "")}{limit.Detail}</p></li>""");
        }

        html.Write("</ul>");
    }

    /// <summary>Writes the destinations that much had to be sent to again. Nothing if there are none.</summary>
    public static void WritePeers(HtmlWriter html, HostView view)
    {
        if (view is not { Peers: { } peers, PeersTime: { } time } || !peers.Any(peer => peer.IsInTrouble))
        {
            return;
        }

        html.Write($"""<section class="card limits" aria-labelledby="h-destinations"><header><h2 id="h-destinations">Loss by destination</h2><p class="note">over {PageNumber.Duration(time)}, without short connections</p></header><ul>""");
        foreach (var peer in peers.Where(peer => peer.IsInTrouble))
        {
            html.Write($"""<li data-key="{peer.Name}"><p class="line"><span class="what">{peer.Name}</span> <span class="figure"><b>{PageNumber.Percent(peer.Ratio)}</b> sent again</span></p>""");
            html.Write($"""<p class="sub">{Words.Kibibytes(peer.Retransmitted)} of {Words.Kibibytes(peer.Sent)} · {PageNumber.Count(peer.Connections)} connections{(peer.RoundTrip is { } seconds ? $" · round trip {Words.Seconds(seconds)}" : "")}</p></li>""");
        }

        html.Write("</ul></section>");
    }

    /// <summary>Writes the counters that are increasing.</summary>
    public static void WriteCounters(HtmlWriter html, HostView view)
    {
        html.Write("""<section class="card counters" aria-labelledby="h-counters"><header><h2 id="h-counters">Counters that move</h2>""");
        if (view.RateWindow is { } window)
        {
            html.Write($"""<p class="note">over {PageNumber.Duration(window)}</p>""");
        }

        html.Write("</header>");
        switch (view.Counters)
        {
            case null:
                html.Write("""<p class="empty">Rates need two samples.</p>""");
                break;
            case []:
                html.Write("""<p class="empty">None moves.</p>""");
                break;
            default:
                var losses = view.Counters.Count(counter => counter.IsLoss);
                var shown = losses > 0 ? losses : CountersSeenAtOnce;
                WriteCounters(html, view.Counters.Take(shown), "Counters that move, losses first");
                if (view.Counters.Count > shown)
                {
                    html.Write($"""<details class="more" data-key="more-counters"><summary>{view.Counters.Count - shown} more</summary>""");
                    WriteCounters(html, view.Counters.Skip(shown), "Further counters that move");
                    html.Write("</details>");
                }

                break;
        }

        html.Write("</section>");
    }

    /// <summary>Writes the sources.</summary>
    public static void WriteSources(HtmlWriter html, HostView view)
    {
        // one line if all is well
        var sources = view.Sources.Where(source => source.Exists).ToArray();
        var isWell = sources.All(source => source.Result is { Status: SourceStatus.Ok, Error: SourceError.None });
        html.Write("""<section class="card sources" aria-labelledby="h-sources"><header><h2 id="h-sources">Sources</h2></header>""");
        if (isWell)
        {
            html.Write($"""<details class="more" data-key="sources"><summary>All {sources.Length} can be read</summary>""");
        }

        html.Write("<ul>");
        foreach (var source in sources)
        {
            var (level, word) = source.Result.Status switch
            {
                SourceStatus.Ok => ("good", source.Result.Error == SourceError.None ? "" : $"partly: {source.Result.Error.Name()}"),
                SourceStatus.NotRead => ("unknown", "not read yet"),
                SourceStatus.Absent => ("unknown", "not on this host"),
                _ => ("critical", $"failed: {source.Result.Error.Name()}"),
            };
            html.Write($"""<li data-key="{source.Name}" class="{level}">""");
            Icon.Write(html, level);
            html.Write($"""<span class="what">{source.Name}</span> <span class="sub">{source.Method}{(source.Method.Length > 0 && word.Length > 0 ? ", " : "")}{word}</span></li>""");
        }

        html.Write("</ul>");
        if (isWell)
        {
            html.Write("</details>");
        }

        html.Write("</section>");
    }

    private static void WriteCounters(HtmlWriter html, IEnumerable<CounterView> counters, string caption)
    {
        html.Write($"""
            <table class="rows" role="table"><caption class="unseen">{caption}</caption>
            <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Counter</th><th role="columnheader" scope="col" class="help">What it counts</th><th role="columnheader" scope="col" class="num rate">A second</th><th role="columnheader" scope="col" class="num total">Since boot</th></tr></thead>
            <tbody role="rowgroup">

            """);
        foreach (var counter in counters)
        {
            html.Write($"""<tr role="row" data-key="{counter.Name}" class="{(counter.IsLoss ? "loss" : "")}"><th role="rowheader" scope="row" class="who"><span class="name">{counter.Name}</span>""");
            if (counter.IsLoss)
            {
                html.Write("""<span class="chip warning">""");
                Icon.Write(html, "warning");
                html.Write("loss</span>");
            }

            html.Write($"""</th><td role="cell" class="help" title="{counter.Help}">{counter.Help}</td><td role="cell" class="num" data-label="A second"><b>{PageNumber.Rate(counter.PerSecond)}</b></td><td role="cell" class="num" data-label="Since boot">{PageNumber.Count(counter.SinceBoot)}</td></tr>""");
            html.Write("\n");
        }

        html.Write("</tbody></table>");
    }

    /// <summary>Returns a note if the sockets are not counted in each sample, because there are too many.</summary>
    private static string Counted(HostView view) =>
        view.StatesAge is { } age && age >= TimeSpan.FromSeconds(1) ? $", counted {PageNumber.Duration(age)} ago" : "";

    private static string Past(HostView view) => view.HistoryTimes.Count == 0 || view.HistoryTimes[0] <= TimeSpan.FromSeconds(90)
        ? "the last minute"
        : $"the last {PageNumber.Duration(view.HistoryTimes[0])}";
}
