using Spectre.Console;
using TcpStatExporter.Advisor;

namespace TcpStatExporter.Top;

/// <summary>
/// Styles in the eight colours that every terminal has and that users can configure. No colour has a meaning that the words
/// lack.
/// </summary>
internal static class Palette
{
    public static readonly Style Plain = Style.Plain;

    public static readonly Style Title = new(decoration: Decoration.Bold);

    public static readonly Style Dim = new(decoration: Decoration.Dim);

    public static readonly Style Bad = new(Color.Maroon, decoration: Decoration.Bold);

    public static readonly Style Warn = new(Color.Olive);

    public static readonly Style Good = new(Color.Green);

    public static readonly Style Picture = new(Color.Teal);

    public static readonly Style Reversed = new(decoration: Decoration.Invert);

    public static Style Of(ListenerCondition trouble) => trouble switch
    {
        ListenerCondition.Losing => Bad,
        ListenerCondition.None => Plain,
        _ => Warn,
    };

    public static Style Of(Severity severity) => severity switch
    {
        Severity.Critical => Bad,
        Severity.Warning => Warn,
        _ => Picture,
    };

    public static Style Of(VerdictLevel level) => level switch
    {
        VerdictLevel.Critical => new Style(Color.White, Color.Maroon, Decoration.Bold),
        VerdictLevel.Warning => new Style(Color.Black, Color.Olive),
        VerdictLevel.Unknown => Reversed,
        _ => new Style(Color.Black, Color.Green),
    };

    /// <summary>Returns the style for the fill of a limit or a queue: full is bad, nearly full is a warning.</summary>
    public static Style OfRatio(double? ratio) => ratio switch
    {
        > 0.99 => Bad,
        > 0.8 => Warn,
        _ => Picture,
    };
}
