namespace TcpStatExporter.Web.Page;

/// <summary>An icon for each level, so no level depends on colour alone.</summary>
internal static class Icon
{
    /// <summary>The shapes, written once per page.</summary>
    public const string Shapes = """
        <svg class="unseen" aria-hidden="true"><defs>
        <symbol id="i-critical" viewBox="0 0 16 16"><path class="shape" d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z"/><path class="cut" d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"/></symbol>
        <symbol id="i-warning" viewBox="0 0 16 16"><path class="shape" d="M8 .8L15.8 15H.2z"/><path class="cut" d="M8 5.8v4.4M8 12.4v.3"/></symbol>
        <symbol id="i-good" viewBox="0 0 16 16"><circle class="shape" cx="8" cy="8" r="7.5"/><path class="cut" d="M4.6 8.3l2.4 2.4 4.4-5"/></symbol>
        <symbol id="i-unknown" viewBox="0 0 16 16"><path class="shape" d="M8 .3L15.7 8 8 15.7.3 8z"/><path class="cut" d="M6.3 6.2c.2-2.6 3.6-2.4 3.5-.2C9.7 7.5 8 7.5 8 9.3M8 11.4v.3"/></symbol>
        <symbol id="i-info" viewBox="0 0 16 16"><circle class="shape" cx="8" cy="8" r="7.5"/><path class="cut" d="M8 7.2v4.2M8 4.6v.3"/></symbol>
        </defs></svg>

        """;

    /// <summary>Writes an icon. The word for it is next to it.</summary>
    /// <param name="html">The writer.</param>
    /// <param name="level">critical, warning, good, unknown or info.</param>
    public static void Write(HtmlWriter html, string level) => html.Write($"""<svg class="icon" aria-hidden="true"><use href="#i-{level}"/></svg>""");
}
