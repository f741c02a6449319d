using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace TcpStatExporter.Top;

/// <summary>Converts lines to output for a terminal or a file.</summary>
internal sealed class Painter
{
    private readonly StringBuilder _text = new();
    private readonly IAnsiConsole _console;

    /// <summary>Creates a painter.</summary>
    /// <param name="isTerminal">Use escape sequences.</param>
    /// <param name="isColoured">Use colours, if there are escape sequences.</param>
    public Painter(bool isTerminal, bool isColoured)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = isTerminal && isColoured ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(new StringWriter(_text)),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });

        // lines already have their final width
        _console.Profile.Width = int.MaxValue;
    }

    /// <summary>
    /// Returns a whole screen that overwrites the previous one. It does not flicker, because nothing is cleared first.
    /// </summary>
    /// <param name="lines">As many as the terminal has rows, none wider than the terminal.</param>
    /// <param name="width">Width of the terminal in columns.</param>
    public ReadOnlySpan<byte> Screen(IReadOnlyList<Line> lines, int width)
    {
        _text.Append("\e[H");
        for (var i = 0; i < lines.Count; i++)
        {
            _text.Append(i > 0 ? "\r\n" : "");
            Write(lines[i]);

            // in the last column, this would erase the last character
            _text.Append(lines[i].Length < width ? "\e[K" : "");
        }

        return Take();
    }

    /// <summary>Returns the lines one after the other.</summary>
    /// <param name="lines">The lines.</param>
    public ReadOnlySpan<byte> Page(IReadOnlyList<Line> lines)
    {
        foreach (var line in lines)
        {
            Write(line);
            _text.Append('\n');
        }

        return Take();
    }

    private void Write(Line line) => _console.Write(new Rendered(line));

    private byte[] Take()
    {
        var bytes = Encoding.UTF8.GetBytes(_text.ToString());
        _text.Clear();
        return bytes;
    }

    private sealed class Rendered(Line line) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => line.Segments;
    }
}
