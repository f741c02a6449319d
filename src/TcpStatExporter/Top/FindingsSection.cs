using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>The findings. Shows as much of each as fits, but the titles of all before the details of any.</summary>
internal sealed class FindingsSection : ISection
{
    private const int Indent = 10;

    private readonly HostView _view;
    private readonly int _width;
    private readonly Glyphs _glyphs;
    private readonly Line[][][] _findings;

    /// <summary>Creates the section.</summary>
    /// <param name="view">What to show.</param>
    /// <param name="width">Width in columns.</param>
    /// <param name="glyphs">Characters for bullets.</param>
    public FindingsSection(HostView view, int width, Glyphs glyphs)
    {
        _view = view;
        _width = width;
        _glyphs = glyphs;

        // for each finding: only the title, with the first change, and complete
        _findings = [.. (view.Findings ?? []).Select(finding => new Line[][]
        {
            [.. Title(finding)],
            [.. Title(finding), .. Changes(finding).Take(1).SelectMany(change => change)],
            [.. Title(finding), .. Measured(finding), .. Changes(finding).SelectMany(change => change)],
        })];
    }

    /// <inheritdoc/>
    public int Least => 1 + Math.Clamp(Lines(0), 1, 2);

    /// <inheritdoc/>
    public int Wanted => 1 + Math.Max(1, Lines(0));

    /// <inheritdoc/>
    public int Most => 1 + Math.Max(1, Lines(2));

    /// <inheritdoc/>
    public IEnumerable<Line> Write(int height)
    {
        yield return new Line().Add("FINDINGS", Palette.Title).Add(_view.Findings is { Count: > 0 } ? "  why, and what to type: tcpstat-exporter doctor" : "", Palette.Dim);
        if (_view.Findings is null or { Count: 0 })
        {
            yield return new Line().Add(_view.Findings is null ? "  not judged yet" : "  none", Palette.Dim);
            yield break;
        }

        var rows = height - 1;
        var lines = Detailed(rows).SelectMany(finding => finding).ToArray();
        foreach (var line in lines.Take(lines.Length > rows ? rows - 1 : rows))
        {
            yield return line;
        }

        if (lines.Length > rows)
        {
            yield return new Line().Add("  and more", Palette.Dim);
        }
    }

    private int Lines(int detail) => _findings.Sum(finding => finding[detail].Length);

    /// <summary>
    /// Returns all titles, then adds the first change of as many findings as fit, then the rest of as many as fit.
    /// </summary>
    private Line[][] Detailed(int rows)
    {
        var chosen = Array.ConvertAll(_findings, finding => finding[0]);
        var rest = rows - Lines(0);
        for (var detail = 1; detail <= 2; detail++)
        {
            for (var i = 0; i < chosen.Length; i++)
            {
                var more = _findings[i][detail].Length - chosen[i].Length;
                if (more <= rest)
                {
                    chosen[i] = _findings[i][detail];
                    rest -= more;
                }
            }
        }

        return chosen;
    }

    private IEnumerable<Line> Title(RuleFinding finding)
    {
        var word = finding.Rule.Severity.Name().ToUpperInvariant().PadRight(Indent);
        return Wrap(finding.Finding.Title, new Line().Add(word, Palette.Of(finding.Rule.Severity)), finding.Rule.Severity == Severity.Info ? Palette.Plain : Palette.Title);
    }

    private IEnumerable<Line> Measured(RuleFinding finding) => finding.Finding.Measured.SelectMany(text => Wrap(text, new Line().To(Indent), Palette.Dim));

    private IEnumerable<IEnumerable<Line>> Changes(RuleFinding finding) => finding.Finding.Changes.Select(change => Wrap(
        change.Parameter is { } parameter ? $"{parameter.Name()} = {change.Value}: {change.Text}" : change.Text,
        new Line().To(Indent).Add(_glyphs.Bullet + " ", Palette.Good),
        Palette.Plain));

    /// <summary>Wraps text between words. The following lines are indented like the first.</summary>
    private IEnumerable<Line> Wrap(string text, Line line, Spectre.Console.Style style)
    {
        var indent = line.Length;
        var room = Math.Max(1, _width - indent);
        var rest = Line.Clean(text);
        while (rest.Length > room)
        {
            var cut = rest.LastIndexOf(' ', room);
            cut = cut <= 0 ? room : cut;
            yield return line.Add(rest[..cut], style);
            rest = rest[cut..].TrimStart(' ');
            line = new Line().To(indent);
        }

        yield return line.Add(rest, style);
    }
}
