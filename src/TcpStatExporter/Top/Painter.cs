using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace TcpStatExporter.Top;

/// <summary>Lines to what a terminal or a file takes.</summary>
internal sealed class Painter
{
    private readonly StringBuilder _text = new();
    private readonly IAnsiConsole _console;

    /// <summary>Makes a painter.</summary>
    /// <param name="isTerminal">With escape sequences.</param>
    /// <param name="isColoured">With colours, where there are escape sequences.</param>
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

        // lines are as wide as they are to be
        _console.Profile.Width = int.MaxValue;
    }

    /// <summary>A whole screen, drawn over the one before it: it does not flicker, since nothing is cleared first.</summary>
    /// <param name="lines">As many as the terminal has rows, none wider than it.</param>
    /// <param name="width">Columns of the terminal.</param>
    public ReadOnlySpan<byte> Screen(IReadOnlyList<Line> lines, int width)
    {
        _text.Append("\e[H");
        for (var i = 0; i < lines.Count; i++)
        {
            _text.Append(i > 0 ? "\r\n" : "");
            Write(lines[i]);

            // after the last column this would clear the last character
            _text.Append(lines[i].Length < width ? "\e[K" : "");
        }

        return Take();
    }

    /// <summary>Lines one after the other.</summary>
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
