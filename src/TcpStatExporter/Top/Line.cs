using Spectre.Console;
using Spectre.Console.Rendering;

namespace TcpStatExporter.Top;

/// <summary>
/// One line of the screen, written from left to right. Each character is one column wide: names are cleaned of all others.
/// </summary>
internal sealed class Line
{
    private readonly List<Segment> _segments = [];

    /// <summary>Columns written.</summary>
    public int Length { get; private set; }

    /// <summary>The segments of the line.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>
    /// Cleans a name that others chose. The result contains nothing that moves the cursor and nothing wider than one column.
    /// </summary>
    /// <param name="name">A unit, host or path.</param>
    public static string Clean(string name) => string.Create(name.Length, name, static (clean, name) =>
    {
        for (var i = 0; i < clean.Length; i++)
        {
            clean[i] = name[i] is >= ' ' and <= '~' ? name[i] : '?';
        }
    });

    /// <summary>Appends text.</summary>
    public Line Add(string text, Style? style = null)
    {
        if (text.Length > 0)
        {
            _segments.Add(new Segment(text, style ?? Style.Plain));
            Length += text.Length;
        }

        return this;
    }

    /// <summary>Appends text, left-aligned in a column. Text that is too long ends in an ellipsis.</summary>
    public Line Left(string text, int width, Glyphs glyphs, Style? style = null) => Add(Fit(text, width, glyphs).PadRight(Math.Max(0, width)), style);

    /// <summary>Appends a number, right-aligned in a column.</summary>
    public Line Right(string text, int width, Style? style = null) => Add(text.PadLeft(width), style);

    /// <summary>Moves to a column, unless the line is already beyond it.</summary>
    public Line To(int column) => Add(new string(' ', Math.Max(0, column - Length)));

    /// <summary>Appends another line.</summary>
    public Line Add(Line other)
    {
        _segments.AddRange(other._segments);
        Length += other.Length;
        return this;
    }

    /// <summary>Returns the line, cut to a maximum width.</summary>
    public Line Crop(int width)
    {
        if (Length <= width)
        {
            return this;
        }

        var cropped = new Line();
        foreach (var segment in _segments)
        {
            var rest = width - cropped.Length;
            if (rest <= 0)
            {
                break;
            }

            cropped.Add(segment.Text.Length > rest ? segment.Text[..rest] : segment.Text, segment.Style);
        }

        return cropped;
    }

    private static string Fit(string text, int width, Glyphs glyphs) =>
        text.Length <= width ? text : width <= 0 ? "" : text[..(width - 1)] + glyphs.Ellipsis;
}
