using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace TcpStatExporter.Web.Page;

/// <summary>
/// Writes HTML. Constant text is markup. Interpolated values are text, and are escaped for elements and quoted attributes,
/// wherever they come from.
/// </summary>
internal sealed class HtmlWriter
{
    private const char Replacement = '\uFFFD';

    private readonly StringBuilder _text = new(16 * 1024);

    /// <summary>Writes markup with interpolated text.</summary>
    /// <param name="markup">Has already written itself when this method runs.</param>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The compiler hands this writer to the markup.")]
    public void Write([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
    }

    /// <summary>Writes markup.</summary>
    /// <param name="markup">Markup. A constant.</param>
    public void Write([ConstantExpected] string markup) => _text.Append(markup);

    /// <summary>Returns everything written, in UTF-8.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void WriteText(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '&':
                    _text.Append("&amp;");
                    break;
                case '<':
                    _text.Append("&lt;");
                    break;
                case '>':
                    _text.Append("&gt;");
                    break;
                case '"':
                    _text.Append("&quot;");
                    break;
                case '\'':
                    _text.Append("&#39;");
                    break;
                default:
                    _text.Append(IsSeen(c) ? c : Replacement);
                    break;
            }
        }
    }

    /// <summary>
    /// Returns false for control characters and direction marks. They are invisible and can make one name look like another.
    /// </summary>
    private static bool IsSeen(char c) => char.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>Interpolated markup on its way into a writer.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly HtmlWriter _html;

        [SuppressMessage("Style", "IDE0060:Remove unused parameter", Justification = "The compiler passes them.")]
        public Markup(int literalLength, int formattedCount, HtmlWriter html) => _html = html;

        public void AppendLiteral(string markup) => _html._text.Append(markup);

        public void AppendFormatted(ReadOnlySpan<char> text) => _html.WriteText(text);

        public void AppendFormatted(long number) => _html._text.Append(CultureInfo.InvariantCulture, $"{number}");

        /// <summary>A coordinate.</summary>
        public void AppendFormatted(double number) => _html._text.Append(number.ToString("0.##", CultureInfo.InvariantCulture));
    }
}
