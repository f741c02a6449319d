using Shouldly;
using TcpStatExporter.Web.Page;
using Xunit;

namespace TcpStatExporter.Tests.Web.Page;

public sealed class PageNumberTests
{
    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0")]
    [InlineData(0.01, "< 0.1")]
    [InlineData(0.25, "0.3")]
    [InlineData(99.94, "99.9")]
    [InlineData(12345.6, "12,346")]
    public void A_rate_above_zero_is_never_shown_as_zero(double? rate, string text) => PageNumber.Rate(rate).ShouldBe(text);

    [Theory]
    [InlineData(0, "0 KiB")]
    [InlineData(3L << 10, "3 KiB")]
    [InlineData(3L << 19, "1.5 MiB")]
    [InlineData(700L << 20, "700 MiB")]
    [InlineData(3L << 29, "1.5 GiB")]
    [InlineData(1200L << 30, "1,200 GiB")]
    public void Bytes_have_a_unit_that_fits(long bytes, string text) => PageNumber.Bytes(bytes).ShouldBe(text);

    [Theory]
    [InlineData(5.4, "5 s")]
    [InlineData(60, "60 s")]
    [InlineData(600, "10 min")]
    [InlineData(36_000, "10 h")]
    [InlineData(864_000, "10 days")]
    public void Durations_have_a_unit_that_fits(double seconds, string text) => PageNumber.Duration(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Theory]
    [InlineData(null, "–")]
    [InlineData(double.PositiveInfinity, "over")]
    [InlineData(1.125, "113 %")]
    [InlineData(0.004, "0.4 %")]
    public void Percent_may_be_above_a_hundred(double? ratio, string text) => PageNumber.Percent(ratio).ShouldBe(text);
}
