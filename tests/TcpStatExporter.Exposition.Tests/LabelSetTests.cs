using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class LabelSetTests
{
    /// <summary>Text of what hurts: quotes, escapes, line ends, characters of each length in UTF-8, broken surrogates.</summary>
    private static readonly Arbitrary<string> NastyText = Gen.OneOf(
            Gen.Elements("\"", "\\", "\n", "\\n", "\r", "\0", ",", "=\"", "{", "}", " ", "a", "é", "€", "😀", "\ud83d", "\ude00"),
            Gen.Choose(0, 0xffff).Select(code => ((char)code).ToString()))
        .ArrayOf()
        .Select(string.Concat)
        .ToArbitrary();

    [Fact]
    public void A_naive_reader_reads_back_every_value() =>
        Prop.ForAll(NastyText, NastyText, (first, second) =>
        {
            var labels = LabelSet.Empty.With("a", first).With("b", second);
            PageReader.ReadLabels(labels.ToString()).ShouldBe([("a", Kept(first)), ("b", Kept(second))]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(400));

    [Fact]
    public void They_are_encoded_as_they_are_written() =>
        LabelSet.Empty.With("path", "C:\\\"x\"\n").With("unit", "").ToString()
            .ShouldBe("""path="C:\\\"x\"\n",unit="" """.TrimEnd());

    [Fact]
    public void The_empty_set_is_nothing() => LabelSet.Empty.ToString().ShouldBeEmpty();

    [Fact]
    public void Adding_leaves_the_set_as_it_was()
    {
        var one = LabelSet.Empty.With("a", "1");
        one.With("b", "2");
        one.ToString().ShouldBe("a=\"1\"");
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("é", 2)]
    [InlineData("€", 3)]
    [InlineData("😀", 4)]
    public void A_long_value_is_cut_between_characters(string character, int length)
    {
        // one byte ahead, so that only characters of one byte end at the bound
        var text = "x" + string.Concat(Enumerable.Repeat(character, 300));
        var kept = "x" + string.Concat(Enumerable.Repeat(character, (LabelSet.MaxValueLength - 1) / length));
        LabelSet.Empty.With("a", text).ToString().ShouldBe($"a=\"{kept}\"");
    }

    [Theory]
    [InlineData((char)0xd83d)]
    [InlineData((char)0xde00)]
    public void A_broken_surrogate_is_replaced(char broken) =>
        LabelSet.Empty.With("a", $"<{broken}>").ToString().ShouldBe("a=\"<\ufffd>\"");

    [Theory]
    [InlineData("")]
    [InlineData("0a")]
    [InlineData("a-b")]
    [InlineData("a:b")]
    [InlineData("é")]
    [InlineData("__name__")]
    [InlineData("le")]
    [InlineData("quantile")]
    public void Names_that_break_a_page_are_refused(string name) =>
        Should.Throw<ArgumentException>(() => LabelSet.Empty.With(name, "1"));

    [Fact]
    public void A_name_comes_once()
    {
        // the value looks like a second label, and is none
        var labels = LabelSet.Empty.With("a", ",b=").With("b", "1");
        Should.Throw<ArgumentException>(() => labels.With("a", "2"));
    }

    /// <summary>What should be left of a value, worked out a code point at a time.</summary>
    private static string Kept(string value)
    {
        var kept = new StringBuilder();
        var length = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            length += rune.Utf8SequenceLength;
            if (length > LabelSet.MaxValueLength)
            {
                break;
            }

            kept.Append(rune);
        }

        return kept.ToString();
    }
}
