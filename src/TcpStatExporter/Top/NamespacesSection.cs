using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>Other network namespaces, those in trouble first. Nothing where there is none to show.</summary>
/// <param name="view">What is shown.</param>
/// <param name="width">Columns.</param>
/// <param name="glyphs">What plots are made of.</param>
internal sealed class NamespacesSection(HostView view, int width, Glyphs glyphs) : ISection
{
    private const int NumberWidth = 11;
    private const int Numbers = 5;
    private const int NarrowestName = 16;
    private const int SeenAtLeast = 3;

    private readonly int _nameWidth = Math.Max(NarrowestName, width - (Numbers * NumberWidth));

    /// <inheritdoc/>
    public int Least => Count == 0 ? 0 : 2;

    /// <inheritdoc/>
    public int Wanted => Count == 0 ? 0 : 1 + Math.Min(Count, Math.Max(SeenAtLeast, view.Namespaces!.Count(one => one.WasInTrouble)));

    /// <inheritdoc/>
    public int Most => Count == 0 ? 0 : 1 + Count;

    private int Count => view.Namespaces?.Count ?? 0;

    /// <inheritdoc/>
    public IEnumerable<Line> Write(int height)
    {
        if (Count == 0 || height < 1)
        {
            yield break;
        }

        yield return new Line().Left("PODS AND CONTAINERS", _nameWidth, glyphs, Palette.Title)
            .Right("queue", NumberWidth, Palette.Dim).Right("open", NumberWidth, Palette.Dim).Right("TIME_WAIT", NumberWidth, Palette.Dim).Right("lost now", NumberWidth, Palette.Dim).Right("lost", NumberWidth, Palette.Dim);
        foreach (var one in view.Namespaces!.Take(height - 1))
        {
            var style = one.IsInTrouble ? Palette.Bad : one.WasInTrouble ? Palette.Warn : Palette.Plain;
            yield return new Line().Left(Line.Clean(one.Name), _nameWidth, glyphs, style)
                .Right(TerminalNumber.Fill(one.QueueFill), NumberWidth, style)
                .Right(TerminalNumber.Count(one.Established), NumberWidth, style)
                .Right(TerminalNumber.Count(one.TimeWait), NumberWidth, style)
                .Right(TerminalNumber.Count((long)one.LostRecently), NumberWidth, style)
                .Right(TerminalNumber.Count((long)(one.Lost + one.OtherLost)), NumberWidth, style);
        }
    }
}
