using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Text;

public sealed class NumberTests
{
    [Theory]
    [InlineData("0", 0ul, SourceError.None)]
    [InlineData("007", 7ul, SourceError.None)]
    [InlineData("9223372036854775808", 9223372036854775808ul, SourceError.None)]
    [InlineData("18446744073709551615", ulong.MaxValue, SourceError.None)]
    [InlineData("18446744073709551616", 0ul, SourceError.NumberOutOfRange)]
    [InlineData("18446744073709551620", 0ul, SourceError.NumberOutOfRange)]
    [InlineData("99999999999999999999", 0ul, SourceError.NumberOutOfRange)]
    [InlineData("-1", 0ul, SourceError.NumberOutOfRange)]
    [InlineData("-0", 0ul, SourceError.NumberOutOfRange)]
    [InlineData("-", 0ul, SourceError.Malformed)]
    [InlineData("--1", 0ul, SourceError.Malformed)]
    [InlineData("-x", 0ul, SourceError.Malformed)]
    [InlineData("", 0ul, SourceError.Malformed)]
    [InlineData("+1", 0ul, SourceError.Malformed)]
    [InlineData("1x", 0ul, SourceError.Malformed)]
    [InlineData("1:", 0ul, SourceError.Malformed)]
    [InlineData("1/", 0ul, SourceError.Malformed)]
    public void Unsigned(string word, ulong expected, SourceError error)
    {
        Number.Parse(Encoding.ASCII.GetBytes(word), out ulong value).ShouldBe(error);
        value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("xxxxxxx0", 1, 0ul)]
    [InlineData("99999997", 1, 7ul)]
    [InlineData("99999999", 8, 99999999ul)]
    [InlineData("12345678", 8, 12345678ul)]
    [InlineData("x 90123456789", 11, 90123456789ul, false)]
    [InlineData("xxxxx90123456789", 11, 90123456789ul)]
    [InlineData("1234567890123456", 16, 1234567890123456ul)]
    [InlineData("99999999999999999", 17, 0ul, false)]
    [InlineData("99999999", 0, 0ul, false)]
    [InlineData("99999999", -1, 0ul, false)]
    [InlineData("9999999", 1, 0ul, false)]
    public void At_the_end(string text, int length, ulong expected, bool isRead = true)
    {
        Number.TryParseEnd(Encoding.ASCII.GetBytes(text), length, out var value).ShouldBe(isRead);
        if (isRead)
        {
            value.ShouldBe(expected);
        }
    }

    /// <summary>Every byte at every position of numbers of every length, between digits that a carry would change.</summary>
    [Theory]
    [InlineData('0')]
    [InlineData('9')]
    public void At_the_end_accepts_only_digits(char around)
    {
        for (var length = 1; length <= 16; length++)
        {
            for (var place = 0; place < length; place++)
            {
                var text = Encoding.ASCII.GetBytes(new string('?', 16 - length) + new string(around, length));
                for (var character = 0; character < 256; character++)
                {
                    text[^(place + 1)] = (byte)character;
                    var isDigit = char.IsAsciiDigit((char)character);
                    Number.TryParseEnd(text, length, out var value).ShouldBe(isDigit);
                    if (isDigit)
                    {
                        value.ShouldBe(ulong.Parse(text.AsSpan(16 - length), CultureInfo.InvariantCulture));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("9223372036854775807", long.MaxValue, SourceError.None)]
    [InlineData("-9223372036854775808", long.MinValue, SourceError.None)]
    [InlineData("-1", -1L, SourceError.None)]
    [InlineData("9223372036854775808", 0L, SourceError.NumberOutOfRange)]
    [InlineData("-9223372036854775809", 0L, SourceError.NumberOutOfRange)]
    [InlineData("-99999999999999999999", 0L, SourceError.NumberOutOfRange)]
    [InlineData("--1", 0L, SourceError.Malformed)]
    [InlineData("-", 0L, SourceError.Malformed)]
    public void Signed(string word, long expected, SourceError error)
    {
        Number.Parse(Encoding.ASCII.GetBytes(word), out long value).ShouldBe(error);
        value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("9223372036854775807", long.MaxValue, SourceError.None)]
    [InlineData("9223372036854775808", 0L, SourceError.NumberOutOfRange)]
    [InlineData("-1", 0L, SourceError.NumberOutOfRange)]
    public void Count(string word, long expected, SourceError error)
    {
        Number.ParseCount(Encoding.ASCII.GetBytes(word), out var value).ShouldBe(error);
        value.ShouldBe(expected);
    }

    [Fact]
    public void Any_number_is_read_back() => Prop.ForAll<BigInteger>(number =>
    {
        // FsCheck's numbers are small: their seventh powers exceed both ends of the range
        var large = number * number * number * number * number * number * number;
        var word = Encoding.ASCII.GetBytes(large.ToString(CultureInfo.InvariantCulture));
        var fits = large >= long.MinValue && large <= long.MaxValue;
        Number.Parse(word, out long value).ShouldBe(fits ? SourceError.None : SourceError.NumberOutOfRange);
        value.ShouldBe(fits ? (long)large : 0);
    }).QuickCheckThrowOnFailure();
}
