using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed class LabelValueTests
{
    /// <summary>Characters of each length in UTF-8, and unpaired surrogates.</summary>
    private static readonly Arbitrary<string> Text = Gen.OneOf(
            Gen.Elements("a", "é", "€", "😀", "\ud83d", "\ude00"),
            Gen.Choose(0, 0xffff).Select(code => ((char)code).ToString()))
        .ArrayOf()
        .Select(string.Concat)
        .ToArbitrary();

    [Fact]
    public void Keeps_as_many_complete_characters_as_fit() =>
        Prop.ForAll(Text, text => Encoding.UTF8.GetBytes(LabelValue.Bound(text)).ShouldBe(Encoding.UTF8.GetBytes(Kept(text))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(400));

    [Theory]
    [InlineData("a", 1)]
    [InlineData("é", 2)]
    [InlineData("€", 3)]
    [InlineData("😀", 4)]
    public void A_long_value_is_cut_between_characters(string character, int length)
    {
        // one extra byte, so only single-byte characters end exactly at the limit
        var text = "x" + string.Concat(Enumerable.Repeat(character, 300));
        LabelValue.Bound(text).ShouldBe("x" + string.Concat(Enumerable.Repeat(character, (LabelValue.MaxLength - 1) / length)));
    }

    /// <summary>Computes the expected value, one code point at a time.</summary>
    private static string Kept(string value)
    {
        var kept = new StringBuilder();
        var length = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            length += rune.Utf8SequenceLength;
            if (length > LabelValue.MaxLength)
            {
                break;
            }

            kept.Append(rune);
        }

        return kept.ToString();
    }
}
