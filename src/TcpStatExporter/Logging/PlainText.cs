using System.Globalization;

namespace TcpStatExporter.Logging;

/// <summary>Makes foreign text safe to print in a log line or on a terminal.</summary>
internal static class PlainText
{
    /// <summary>
    /// Returns one line. Line ends, control characters, and characters that change what a terminal shows become spaces.
    /// </summary>
    /// <param name="text">The text.</param>
    public static string OneLine(string text) => string.Create(text.Length, text, static (line, text) =>
    {
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = IsSeen(text[i]) ? text[i] : ' ';
        }
    });

    private static bool IsSeen(char c) => char.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
