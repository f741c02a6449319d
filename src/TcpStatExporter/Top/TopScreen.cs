using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>Composes the screen: problems first, then as much as fits.</summary>
/// <param name="glyphs">Characters for charts.</param>
internal sealed class TopScreen(Glyphs glyphs)
{
    private const int NarrowestWidth = 40;

    private static readonly string[] Help =
    [
        "s        sort listeners: trouble, fill, lost, connections, port",
        "/        show only listeners with a text in their address, port or owner",
        " Enter keeps the filter, Esc clears it",
        "p Space pause the display; sampling continues",
        "q Ctrl-C quit",
        "? this help",
        "",
        "!!  losing connections now     !  accept queue full",
        "*   nearly full, or lost connections in the last minute",
        "? unknown, not 0",
        "",
        "queue connections waiting to be accepted; full at one more than the limit",
        "lost/s connections lost; a client that retries counts again",
        "SYN half-open connections: no ACK yet",
        "conn all its connections, at the last full scan of all sockets",
        "peak highest value in the peak window",
    ];

    /// <summary>Composes one screen.</summary>
    /// <param name="view">What to show.</param>
    /// <param name="state">What the user has chosen with keys.</param>
    /// <param name="width">Width in columns.</param>
    /// <param name="height">Rows of the terminal. All of them are filled. Null: no limit and no keys.</param>
    public IReadOnlyList<Line> Compose(HostView view, TopState state, int width, int? height)
    {
        width = Math.Max(width, NarrowestWidth);
        var lines = new List<Line> { Header(view, state, width) };
        lines.AddRange(Verdict(view.Verdict, width));
        if (state.IsHelp)
        {
            lines.Add(new Line());
            lines.AddRange(Help.Select(text => new Line().Add(text)));
        }
        else
        {
            ISection[] sections =
            [
                new OverviewSection(view, width, glyphs), new ListenersSection(view, state, width, glyphs),
                .. view.Namespaces is { Count: > 0 } ? [new NamespacesSection(view, width, glyphs)] : Array.Empty<ISection>(),
                new CountersSection(view, width, glyphs), new FindingsSection(view, width, glyphs),
            ];
            Fill(lines, sections, height - lines.Count - 1);
        }

        if (height is not { } rows)
        {
            return lines;
        }

        return [.. lines.Take(rows - 1).Concat(Enumerable.Repeat(new Line(), Math.Max(0, rows - 1 - lines.Count))).Append(Footer(state)).Select(line => line.Crop(width))];
    }

    private static Line Header(HostView view, TopState state, int width)
    {
        var time = view.UnixMilliseconds == 0
            ? ""
            : DateTimeOffset.FromUnixTimeMilliseconds(view.UnixMilliseconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        var right = $"watched {TerminalNumber.Age(view.Watched)}  {time}";
        var line = new Line().Add("TCP of ").Add(Line.Clean(view.Host), Palette.Title).Add(" ");
        if (state.IsPaused)
        {
            line.Add(" PAUSED ", Palette.Reversed);
        }

        return line.Length + right.Length <= width ? line.To(width - right.Length).Add(right, Palette.Dim) : line;
    }

    /// <summary>Writes the verdict, on two lines if one is too short.</summary>
    private static IEnumerable<Line> Verdict(Verdict verdict, int width)
    {
        var word = verdict.Level switch
        {
            VerdictLevel.Critical => " CRITICAL ",
            VerdictLevel.Warning => " WARNING ",
            VerdictLevel.Unknown => " NOT KNOWN ",
            _ => " OK ",
        };
        var text = Line.Clean(verdict.Text);
        var also = verdict.Also.Length > 0 ? $" ({verdict.Also})" : "";
        var line = new Line().Add(word, Palette.Of(verdict.Level)).Add(" ");
        if (line.Length + text.Length + also.Length <= width)
        {
            yield return line.Add(text, Palette.Title).Add(also);
            yield break;
        }

        var room = width - line.Length;
        var cut = text.Length <= room ? text.Length : text.LastIndexOf(' ', room) is var space and > 0 ? space : room;
        yield return line.Add(text[..cut], Palette.Title);
        yield return new Line().To(word.Length + 1).Add(text[cut..].TrimStart(' '), Palette.Title).Add(also.TrimStart(' '));
    }

    private static Line Footer(TopState state)
    {
        if (state.IsTyping)
        {
            return new Line().Add("/", Palette.Title).Add(state.Filter).Add("_", Palette.Reversed).Add("  Enter keep, Esc clear", Palette.Dim);
        }

        var line = new Line();
        Key(line, "q", "quit");
        Key(line, "s", $"sort: {state.Order.Name()}");
        Key(line, "/", state.Filter.Length > 0 ? $"filter: {state.Filter}" : "filter");
        Key(line, "p", state.IsPaused ? "resume" : "pause");
        Key(line, "?", "help");
        return line;
    }

    private static void Key(Line line, string key, string does) => line.Add(key, Palette.Title).Add($" {does}   ", Palette.Dim);

    /// <summary>
    /// Gives each section its minimum height. Then adds one line at a time in turn, up to the important height, then up to
    /// the full height. Then adds a blank line before each section.
    /// </summary>
    private static void Fill(List<Line> lines, ISection[] sections, int? room)
    {
        var heights = Array.ConvertAll(sections, section => room is null ? section.Most : section.Least);
        var rest = (room ?? (heights.Sum() + sections.Length)) - heights.Sum();
        rest = Grow(heights, sections, section => section.Wanted, rest);
        rest = Grow(heights, sections, section => section.Most, rest);
        for (var i = 0; i < sections.Length; i++)
        {
            // all or none, otherwise some sections would seem to belong to the one above
            if (rest >= sections.Length)
            {
                lines.Add(new Line());
            }

            lines.AddRange(sections[i].Write(heights[i]));
        }
    }

    private static int Grow(int[] heights, ISection[] sections, Func<ISection, int> upTo, int rest)
    {
        for (var grown = true; grown && rest > 0;)
        {
            grown = false;
            for (var i = 0; i < sections.Length && rest > 0; i++)
            {
                if (heights[i] < upTo(sections[i]))
                {
                    heights[i]++;
                    rest--;
                    grown = true;
                }
            }
        }

        return rest;
    }
}
