using System.Globalization;

namespace TcpStatExporter.Logging;

/// <summary>Text of others as a line of a log or a terminal may have it.</summary>
internal static class PlainText
{
    /// <summary>One line: line ends, control characters and those that change what a terminal shows are spaces.</summary>
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
