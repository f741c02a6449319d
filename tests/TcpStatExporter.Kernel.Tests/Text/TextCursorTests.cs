using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Text;

public sealed class TextCursorTests
{
    [Fact]
    public void Reads_complete_lines_and_leaves_an_incomplete_one()
    {
        var cursor = new TextCursor("one\n\nthree"u8);
        cursor.TryReadLine(out var line).ShouldBeTrue();
        Encoding.ASCII.GetString(line).ShouldBe("one");
        cursor.TryReadLine(out line).ShouldBeTrue();
        line.Length.ShouldBe(0);
        cursor.TryReadLine(out line).ShouldBeFalse();
        cursor.Offset.ShouldBe(5);
        cursor.AtEnd.ShouldBeFalse();
        cursor.MissingLine().ShouldBe(new ParseError(SourceError.Truncated, 5));
    }

    [Fact]
    public void Says_why_a_line_is_missing()
    {
        new TextCursor([]).MissingLine().Kind.ShouldBe(SourceError.Empty);
        new TextCursor("a"u8).MissingLine().Kind.ShouldBe(SourceError.Truncated);
        new TextCursor("a\n"u8, 2).MissingLine().Kind.ShouldBe(SourceError.Malformed);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("  \t ", "")]
    [InlineData("a", "a")]
    [InlineData(" a\tbc  d ", "a|bc|d")]
    public void Reads_words(string text, string expected)
    {
        var cursor = new TextCursor(Encoding.ASCII.GetBytes(text));
        var words = new List<string>();
        while (cursor.TryReadWord(out var word))
        {
            words.Add(Encoding.ASCII.GetString(word));
        }

        string.Join('|', words).ShouldBe(expected);
        cursor.AtEnd.ShouldBeTrue();
    }
}
