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
    public void Any_number_comes_back() => Prop.ForAll<BigInteger>(number =>
    {
        // FsCheck's are small: their seventh powers pass both ends of the range.
        var large = number * number * number * number * number * number * number;
        var word = Encoding.ASCII.GetBytes(large.ToString(CultureInfo.InvariantCulture));
        var fits = large >= long.MinValue && large <= long.MaxValue;
        Number.Parse(word, out long value).ShouldBe(fits ? SourceError.None : SourceError.NumberOutOfRange);
        value.ShouldBe(fits ? (long)large : 0);
    }).QuickCheckThrowOnFailure();
}
