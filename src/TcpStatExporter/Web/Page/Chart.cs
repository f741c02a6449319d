namespace TcpStatExporter.Web.Page;

/// <summary>Small charts on the page. They only repeat the text next to them, and are hidden from screen readers.</summary>
internal static class Chart
{
    private const double Width = 600;
    private const double Height = 100;

    /// <summary>Room for the width of the line at top and bottom.</summary>
    private const double Edge = 5;

    /// <summary>Draws the recent past, with the newest value at the right. Unknown values are gaps.</summary>
    /// <param name="html">The writer.</param>
    /// <param name="times">The age of each value, oldest first.</param>
    /// <param name="values">The values.</param>
    /// <param name="least">Minimum top of the scale. A larger value extends it.</param>
    /// <param name="mark">Where to draw a limit. Null for none.</param>
    public static void WriteTrend(HtmlWriter html, IReadOnlyList<TimeSpan> times, IReadOnlyList<double?> values, double least = 1, double? mark = null)
    {
        // one minute, or more if ticks are less frequent
        var span = times.Count == 0 ? 60 : Math.Max(60, times[0].TotalSeconds);
        var top = Math.Max(least, values.Where(value => value is { } known && double.IsFinite(known)).Max() ?? 0);
        double X(int i) => Math.Round(Width * (1 - (times[i].TotalSeconds / span)));
        double Y(double value) => Math.Round(Height - Edge - ((Height - (2 * Edge)) * Math.Min(value, top) / top));

        html.Write($"""<svg class="trend" viewBox="0 0 {Width} {Height}" preserveAspectRatio="none" aria-hidden="true"><path class="base" d="M0 {Height - 1}H{Width}"/>""");
        if (mark is { } limit)
        {
            html.Write($"""<path class="mark" d="M0 {Y(limit)}H{Width}"/>""");
        }

        for (var begin = 0; begin < values.Count; begin++)
        {
            var end = begin;
            while (end < values.Count && values[end] is not null)
            {
                end++;
            }

            if (end > begin)
            {
                // a single point is drawn one second wide
                var first = end - begin == 1 ? X(begin) - (Width / span) : X(begin);
                html.Write($"""<path class="area" d="M{first} {Height}V{Y(values[begin]!.Value)}""");
                WriteLine(begin, end);
                html.Write($"""V{Height}Z"/><path class="line" d="M{first} {Y(values[begin]!.Value)}""");
                WriteLine(begin, end);
                html.Write("\"/>");
                begin = end;
            }
        }

        html.Write("</svg>");

        void WriteLine(int begin, int end)
        {
            for (var i = begin; i < end; i++)
            {
                // a point inside a flat stretch adds nothing
                if (i > begin && i < end - 1 && values[i - 1].Equals(values[i]) && values[i].Equals(values[i + 1]))
                {
                    continue;
                }

                html.Write($"L{X(i)} {Y(values[i]!.Value)}");
            }
        }
    }

    /// <summary>Draws how much of a limit is used.</summary>
    /// <param name="html">The writer.</param>
    /// <param name="ratio">Used ÷ limit. Above 1 it is full. Null if unknown.</param>
    /// <param name="peak">The recent maximum. Null if it is not recorded.</param>
    /// <param name="level">Its level: a CSS class.</param>
    public static void WriteBar(HtmlWriter html, double? ratio, double? peak, string level)
    {
        html.Write($"""<svg class="bar {level}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">""");
        if (Part(ratio) is > 0 and var used)
        {
            html.Write($"""<rect class="used" width="{used}" height="8"/>""");
        }

        if (Part(peak) is > 0 and var most && most > Part(ratio))
        {
            html.Write($"""<path class="peak" d="M{most - 0.5} 0V8"/>""");
        }

        html.Write("</svg>");
    }

    private static double Part(double? ratio) => 100 * Math.Clamp(ratio ?? 0, 0, 1);
}
