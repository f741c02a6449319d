using Spectre.Console;
using Spectre.Console.Rendering;

namespace TcpStatExporter.Top;

/// <summary>One line of the screen, written from left to right. A character is a column: names are cleaned of all that is not.</summary>
internal sealed class Line
{
    private readonly List<Segment> _segments = [];

    /// <summary>Columns written.</summary>
    public int Length { get; private set; }

    /// <summary>The line's parts.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>A name that others chose, with nothing in it that moves the cursor, and nothing wider than a column.</summary>
    /// <param name="name">A unit, a host, a path.</param>
    public static string Clean(string name) => string.Create(name.Length, name, static (clean, name) =>
    {
        for (var i = 0; i < clean.Length; i++)
        {
            clean[i] = name[i] is >= ' ' and <= '~' ? name[i] : '?';
        }
    });

    /// <summary>Writes text.</summary>
    public Line Add(string text, Style? style = null)
    {
        if (text.Length > 0)
        {
            _segments.Add(new Segment(text, style ?? Style.Plain));
            Length += text.Length;
        }

        return this;
    }

    /// <summary>Writes text into a column of its own, cut off with an ellipsis where it is longer.</summary>
    public Line Left(string text, int width, Glyphs glyphs, Style? style = null) => Add(Fit(text, width, glyphs).PadRight(Math.Max(0, width)), style);

    /// <summary>Writes a number into a column of its own.</summary>
    public Line Right(string text, int width, Style? style = null) => Add(text.PadLeft(width), style);

    /// <summary>Goes to a column, if it is not there already.</summary>
    public Line To(int column) => Add(new string(' ', Math.Max(0, column - Length)));

    /// <summary>Writes another line behind.</summary>
    public Line Add(Line other)
    {
        _segments.AddRange(other._segments);
        Length += other.Length;
        return this;
    }

    /// <summary>The same line, no longer than so many columns.</summary>
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
