using Spectre.Console;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>Connections by state with their recent past, and limits next to them.</summary>
/// <param name="view">What to show.</param>
/// <param name="width">Width in columns.</param>
/// <param name="glyphs">Characters for charts.</param>
internal sealed class OverviewSection(HostView view, int width, Glyphs glyphs) : ISection
{
    private const int NameWidth = 14;
    private const int NumberWidth = 7;
    private const int LimitNameWidth = 13;
    private const int PercentWidth = 5;
    private const int UsedWidth = 14;
    private const int LeastLeft = 40;

    /// <summary>States that are shown even if they are empty, most important first, then the others.</summary>
    private static readonly TcpState[] Ranks =
    [
        TcpState.Established, TcpState.TimeWait, TcpState.CloseWait, TcpState.SynRecv, TcpState.SynSent, TcpState.FinWait2,
        TcpState.FinWait1, TcpState.LastAck, TcpState.Listen, TcpState.Closing, TcpState.Close,
    ];

    /// <summary>Lines below the states, for rates and ratios that are not connections.</summary>
    private const int Trends = 2;

    private const int AlwaysShown = 3;

    /// <summary>Below this width there is no room for limits.</summary>
    private const int LeastBoth = 74;

    private readonly int _left = width < LeastBoth ? width : Math.Max(LeastLeft, Math.Min(width / 2, NameWidth + (2 * NumberWidth) + 2 + 61));

    /// <inheritdoc/>
    public int Least => 1 + Math.Max(AlwaysShown + Trends, Limits);

    /// <inheritdoc/>
    public int Wanted => 1 + Math.Max(Trends + (view.States?.Count(state => state.Peak > 0 || Array.IndexOf(Ranks, state.State) < AlwaysShown) ?? 1), Limits);

    /// <inheritdoc/>
    public int Most => 1 + Math.Max(Trends + (view.States?.Count ?? 1), Limits);

    /// <inheritdoc/>
    public IEnumerable<Line> Write(int height)
    {
        var left = Left(height - 1);
        Line[] right = width < LeastBoth ? [] : view.Limits.Count == 0 ? [new Line().Add("not known", Palette.Warn)] : [.. view.Limits.Select(Limit)];
        var title = new Line()
            .Add("STATES".PadRight(NameWidth), Palette.Title)
            .Add("now".PadLeft(NumberWidth) + "peak".PadLeft(NumberWidth), Palette.Dim)
            .Add("  ").Left(HistoryTitle(), SparkWidth, glyphs, Palette.Dim);
        yield return right.Length == 0 ? title : title.To(_left + 2).Add("LIMITS", Palette.Title);
        for (var i = 0; i < Math.Min(height - 1, Math.Max(left.Count, right.Length)); i++)
        {
            var line = new Line();
            if (i < left.Count)
            {
                line.Add(left[i]);
            }

            yield return i < right.Length ? line.To(_left + 2).Add(right[i]) : line;
        }
    }

    private int Limits => width < LeastBoth ? 0 : view.Limits.Count;

    private int SparkWidth => _left - NameWidth - (2 * NumberWidth) - 2;

    private string HistoryTitle()
    {
        var span = view.HistoryTimes.Count > 1 ? view.HistoryTimes[0] : TimeSpan.Zero;
        if (view.StatesAge is { } old && old >= TimeSpan.FromSeconds(1))
        {
            return $"counted {TerminalNumber.Age(old)} ago";
        }

        return span == TimeSpan.Zero ? "" : SparkWidth < 12 ? $"last {TerminalNumber.Age(span)}" : $"last {TerminalNumber.Age(span)}, now at the right";
    }

    private List<Line> Left(int rows)
    {
        var lines = new List<Line>();
        if (view.States is { } states)
        {
            var wanted = states
                .OrderByDescending(state => state.Peak > 0)
                .ThenBy(state => Array.IndexOf(Ranks, state.State))
                .Take(Math.Max(1, rows - Trends))
                .Select(state => state.State)
                .ToHashSet();

            foreach (var state in states.Where(state => wanted.Contains(state.State)))
            {
                lines.Add(Row(state.Name, TerminalNumber.Count(state.Now), TerminalNumber.Count(state.Peak), state.History, state.Now == 0 && state.Peak == 0));
            }
        }
        else
        {
            lines.Add(new Line().Add("not known: ", Palette.Warn).Add($"sockets, {Reason.Of(view[SourceId.Sockets])}", Palette.Warn));
        }

        lines.Add(Row("lost/s", TerminalNumber.Rate(view.Lost.Now), TerminalNumber.Rate(view.Lost.Peak), view.Lost.History, view.Lost.Peak is null or 0, view.Lost.Now > 0 ? Palette.Bad : default(Style?)));
        lines.Add(Row("fullest queue", TerminalNumber.Fill(view.WorstFill.Now), TerminalNumber.Fill(view.WorstFill.Peak), view.WorstFill.History, view.WorstFill.Peak is null or 0, view.WorstFill.Now > 1 ? Palette.Bad : default(Style?)));
        return lines;
    }

    private Line Row(string name, string now, string peak, IReadOnlyList<double?> history, bool isQuiet, Style? alarm = null)
    {
        var style = alarm ?? (isQuiet ? Palette.Dim : Palette.Plain);
        return new Line()
            .Left(name, NameWidth, glyphs, style)
            .Right(now, NumberWidth, style)
            .Right(peak, NumberWidth, style)
            .Add("  ")
            .Add(glyphs.Sparkline(history, SparkWidth), alarm ?? (isQuiet ? Palette.Dim : Palette.Picture));
    }

    private Line Limit(LimitView limit)
    {
        var name = limit.Kind switch
        {
            LimitKind.EphemeralPorts => "local ports",
            LimitKind.BusiestDestination => "busiest dest.",
            LimitKind.Conntrack => "conntrack",
            LimitKind.UdpReceiver => "UDP queue",
            LimitKind.UnixListener => "unix queue",
            _ => limit.Name,
        };
        var used = limit.IsBytes ? TerminalNumber.Bytes(limit.Used) : TerminalNumber.Count(limit.Used);
        var all = limit.IsBytes ? TerminalNumber.Bytes(limit.Limit) : TerminalNumber.Count(limit.Limit);
        var right = width - _left - 2;
        var bar = Math.Clamp(right - LimitNameWidth - PercentWidth - UsedWidth - 1, 4, 16);
        var line = new Line()
            .Left(name, LimitNameWidth, glyphs)
            .Add(" ")
            .Add(limit.Ratio is { } ratio ? glyphs.Bar(ratio, bar) : new string(' ', bar), Palette.OfRatio(limit.Ratio))
            .Right(TerminalNumber.Percent(limit.Ratio), PercentWidth)
            .Right($"{used}/{all}", UsedWidth);
        return limit.Detail.Length > 0 && right - line.Length > 12 ? line.Add("  ").Left(Line.Clean(limit.Detail), right - line.Length - 2, glyphs, Palette.Dim) : line;
    }
}
