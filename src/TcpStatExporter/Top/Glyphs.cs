namespace TcpStatExporter.Top;

/// <summary>The characters for charts: blocks if the terminal supports UTF-8, otherwise ASCII.</summary>
internal sealed class Glyphs
{
    private readonly string _levels;
    private readonly char _full;
    private readonly char _empty;

    private Glyphs(string levels, char full, char empty, string ellipsis, string bullet)
    {
        _levels = levels;
        _full = full;
        _empty = empty;
        Ellipsis = ellipsis;
        Bullet = bullet;
    }

    /// <summary>Block characters.</summary>
    public static Glyphs Unicode { get; } = new("▁▂▃▄▅▆▇█", '█', '░', "…", "→");

    /// <summary>Characters that every terminal has.</summary>
    public static Glyphs Ascii { get; } = new("_.:-=+*#", '#', '.', "~", "->");

    /// <summary>Marks text that was cut off. One column wide.</summary>
    public string Ellipsis { get; }

    /// <summary>Marks something to do.</summary>
    public string Bullet { get; }

    /// <summary>Returns the characters that the terminal can display.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static Glyphs For(Func<string, string?> environment)
    {
        // locale(7): the first variable that is set
        string[] names = ["LC_ALL", "LC_CTYPE", "LANG"];
        var locale = names.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        var isUtf8 = locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);

        // the font of the Linux console has only half of the blocks
        return isUtf8 && environment("TERM") != "linux" ? Unicode : Ascii;
    }

    /// <summary>
    /// Returns a small chart: one column per point, or the maximum of several points if there are more points than columns.
    /// The right end is now.
    /// </summary>
    /// <param name="history">Values, oldest first. Unknown values are gaps.</param>
    /// <param name="width">Width in columns.</param>
    public string Sparkline(IReadOnlyList<double?> history, int width)
    {
        var columns = Math.Min(history.Count, width);
        var top = history.Max() ?? 0;
        return string.Create(Math.Max(0, width), (this, history, columns, top), static (line, state) =>
        {
            var (glyphs, history, columns, top) = state;
            line.Fill(' ');
            for (var i = 0; i < columns; i++)
            {
                double? largest = null;
                for (var j = history.Count * i / columns; j < history.Count * (i + 1) / columns; j++)
                {
                    largest = history[j] is { } value && !(value <= largest) ? value : largest;
                }

                if (largest is { } height)
                {
                    line[^(columns - i)] = glyphs.Level(height, top);
                }
            }
        });
    }

    /// <summary>Returns a bar for used ÷ limit.</summary>
    /// <param name="ratio">1 is full. Larger values are shown as full.</param>
    /// <param name="width">Width in columns.</param>
    public string Bar(double ratio, int width)
    {
        // any use shows at least one block, and only a full bar means full
        var full = ratio <= 0 ? 0 : ratio >= 1 ? width : Math.Clamp((int)Math.Round(ratio * width), 1, Math.Max(1, width - 1));
        return new string(_full, Math.Min(full, width)) + new string(_empty, Math.Max(0, width - full));
    }

    /// <summary>Zero is the lowest level. The smallest value above zero is one level higher.</summary>
    private char Level(double value, double top) =>
        value <= 0 || top <= 0 ? _levels[0] : _levels[Math.Clamp((int)Math.Ceiling(value / top * (_levels.Length - 1)), 1, _levels.Length - 1)];
}
