using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>Counters that are increasing, losses first, with an explanation if there is room.</summary>
/// <param name="view">What to show.</param>
/// <param name="width">Width in columns.</param>
/// <param name="glyphs">Characters for charts.</param>
internal sealed class CountersSection(HostView view, int width, Glyphs glyphs) : ISection
{
    private const int NameWidth = 27;
    private const int RateWidth = 8;
    private const int Gap = 3;

    /// <summary>An explanation narrower than this is useless.</summary>
    private const int LeastHelp = 60;

    private readonly int _columns = Math.Max(1, (width + Gap) / (NameWidth + RateWidth + Gap));
    private readonly CounterView[] _explained = width - NameWidth - RateWidth - 2 >= LeastHelp ? [.. (view.Counters ?? []).Where(counter => counter.IsLoss)] : [];

    /// <inheritdoc/>
    public int Least => 2;

    /// <inheritdoc/>
    public int Wanted => 1 + Math.Max(1, Rows(_explained.Length == 0 ? Losses : 0) + _explained.Length);

    /// <inheritdoc/>
    public int Most => 1 + Math.Max(1, _explained.Length + Rows(Moving - _explained.Length));

    private int Moving => view.Counters?.Count ?? 0;

    private int Losses => view.Counters?.Count(counter => counter.IsLoss) ?? 0;

    /// <inheritdoc/>
    public IEnumerable<Line> Write(int height)
    {
        yield return new Line().Add("COUNTERS THAT MOVE", Palette.Title).Add(view.RateWindow is { } window ? $"  a second, over {TerminalNumber.Age(window)}" : "", Palette.Dim);
        if (view.Counters is null)
        {
            yield return new Line().Add("  not known yet: rates need two samples", Palette.Warn);
            yield break;
        }

        if (Moving == 0)
        {
            yield return new Line().Add("  none", Palette.Dim);
        }

        var rows = height - 1;
        var explained = _explained.Take(Moving == _explained.Length ? rows : Math.Max(1, rows - 1)).ToArray();
        foreach (var counter in explained)
        {
            yield return Cell(counter).Add("  ").Left(counter.Help, width - NameWidth - RateWidth - 2, glyphs, Palette.Dim);
        }

        var rest = view.Counters.Skip(explained.Length).Chunk(_columns).Take(rows - explained.Length);
        foreach (var row in rest)
        {
            var line = new Line();
            foreach (var counter in row)
            {
                line.Add(line.Length > 0 ? new string(' ', Gap) : "").Add(Cell(counter));
            }

            yield return line;
        }
    }

    private int Rows(int counters) => (counters + _columns - 1) / _columns;

    private Line Cell(CounterView counter)
    {
        var style = counter.IsLoss ? Palette.Bad : Palette.Plain;
        return new Line().Left(Line.Clean(counter.Name), NameWidth, glyphs, style).Right(TerminalNumber.Rate(counter.PerSecond), RateWidth, style);
    }
}
