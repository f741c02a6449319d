namespace TcpStatExporter.Top;

/// <summary>The characters that pictures are made of: blocks where the terminal speaks UTF-8, ASCII elsewhere.</summary>
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

    /// <summary>Blocks.</summary>
    public static Glyphs Unicode { get; } = new("▁▂▃▄▅▆▇█", '█', '░', "…", "→");

    /// <summary>What any terminal has.</summary>
    public static Glyphs Ascii { get; } = new("_.:-=+*#", '#', '.', "~", "->");

    /// <summary>Stands for what was cut off: one column.</summary>
    public string Ellipsis { get; }

    /// <summary>Stands before a thing to do.</summary>
    public string Bullet { get; }

    /// <summary>What a terminal can be trusted with.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static Glyphs For(Func<string, string?> environment)
    {
        // locale(7): the first that is set
        string[] names = ["LC_ALL", "LC_CTYPE", "LANG"];
        var locale = names.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        var isUtf8 = locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);

        // the font of the kernel's own console has half of the blocks
        return isUtf8 && environment("TERM") != "linux" ? Unicode : Ascii;
    }

    /// <summary>A small plot: a column a point, or the largest of several where there are more points than columns. Its right end is now.</summary>
    /// <param name="history">Values, the oldest first; what is not known is a gap.</param>
    /// <param name="width">Columns.</param>
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

    /// <summary>How much is used of what there is.</summary>
    /// <param name="ratio">1 is all; more is shown as all.</param>
    /// <param name="width">Columns.</param>
    public string Bar(double ratio, int width)
    {
        // the smallest use shows, and only all is all
        var full = ratio <= 0 ? 0 : ratio >= 1 ? width : Math.Clamp((int)Math.Round(ratio * width), 1, Math.Max(1, width - 1));
        return new string(_full, Math.Min(full, width)) + new string(_empty, Math.Max(0, width - full));
    }

    /// <summary>Nothing is the lowest, and the smallest something is above it.</summary>
    private char Level(double value, double top) =>
        value <= 0 || top <= 0 ? _levels[0] : _levels[Math.Clamp((int)Math.Ceiling(value / top * (_levels.Length - 1)), 1, _levels.Length - 1)];
}
