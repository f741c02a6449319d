using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class MetricValueTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1, "-1")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(long.MinValue, "-9223372036854775808")]
    public void Integers_are_exact(long value, string expected) => Format(value).ShouldBe(expected);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(ulong.MaxValue, "18446744073709551615")]
    public void Unsigned_integers_are_exact(ulong value, string expected) => Format(value).ShouldBe(expected);

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(0.1, "0.1")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(3.0, "3")]
    [InlineData(1e21, "1E+21")]
    [InlineData(5e-324, "5E-324")]
    [InlineData(-2.2250738585072014E-308, "-2.2250738585072014E-308")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Doubles_are_the_shortest_that_read_back(double value, string expected) => Format(value).ShouldBe(expected);

    [Fact]
    public void Small_integers_convert_as_they_are()
    {
        Format(int.MinValue).ShouldBe("-2147483648");
        Format(uint.MaxValue).ShouldBe("4294967295");
    }

    [Fact]
    public void The_default_is_zero() => Format(default).ShouldBe("0");

    [Fact]
    public void Every_double_reads_back() =>
        Prop.ForAll<DoNotSize<long>>(bits =>
        {
            var value = BitConverter.Int64BitsToDouble(bits.Item);
            if (double.IsFinite(value))
            {
                BitConverter.DoubleToInt64Bits(double.Parse(Format(value), CultureInfo.InvariantCulture)).ShouldBe(bits.Item);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));

    private static string Format(MetricValue value)
    {
        Span<byte> bytes = stackalloc byte[MetricValue.MaxLength];
        return Encoding.UTF8.GetString(bytes[..value.Format(bytes)]);
    }
}
