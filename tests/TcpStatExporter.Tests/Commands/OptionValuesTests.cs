using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Commands;
using Xunit;

namespace TcpStatExporter.Tests.Commands;

public sealed class OptionValuesTests
{
    [Theory]
    [InlineData("100ms", 100)]
    [InlineData("1s", 1000)]
    [InlineData("1.5s", 1500)]
    [InlineData(".5s", 500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("0s", 0)]
    public void Reads_durations(string text, double milliseconds)
    {
        OptionValues.TryParseDuration(text, out var value).ShouldBeTrue();
        value.TotalMilliseconds.ShouldBe(milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData(" 1s")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1d")]
    [InlineData("1e3s")]
    [InlineData("1,5s")]
    [InlineData("1m30s")]
    [InlineData("NaNs")]
    [InlineData("Infinitys")]
    [InlineData("-Infinitys")]
    [InlineData("99999999999999999999h")]
    public void Refuses_what_is_no_duration(string text)
    {
        OptionValues.TryParseDuration(text, out var value).ShouldBeFalse();
        value.ShouldBe(default);
    }

    [Theory]
    [InlineData(1, "1ms")]
    [InlineData(1500, "1500ms")]
    [InlineData(1000, "1s")]
    [InlineData(90_000, "90s")]
    [InlineData(60_000, "1m")]
    [InlineData(7_200_000, "2h")]
    public void Writes_durations_in_the_largest_unit_that_fits(int milliseconds, string text) =>
        OptionValues.Format(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);

    [Fact]
    public void Reads_what_it_writes() => Prop.ForAll(
        Gen.Choose(1, int.MaxValue).ToArbitrary(),
        milliseconds => OptionValues.TryParseDuration(OptionValues.Format(TimeSpan.FromMilliseconds(milliseconds)), out var value)
            && value == TimeSpan.FromMilliseconds(milliseconds)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(":10006", null, 10006)]
    [InlineData(":0", null, 0)]
    [InlineData("127.0.0.1:80", "127.0.0.1", 80)]
    [InlineData("0.0.0.0:65535", "0.0.0.0", 65535)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("[::]:80", "::", 80)]
    [InlineData("localhost:80", "127.0.0.1", 80)]
    public void Reads_where_to_listen(string text, string? address, int port)
    {
        OptionValues.TryParseListenAddress(text, out var value).ShouldBeTrue();
        value.Address?.ToString().ShouldBe(address);
        value.Port.ShouldBe(port);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData(":")]
    [InlineData(":65536")]
    [InlineData(":-1")]
    [InlineData(":http")]
    [InlineData("127.1:80")]
    [InlineData("1:80")]
    [InlineData("::1:80")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("[[::1]]:80")]
    [InlineData("[]:80")]
    [InlineData("[:80")]
    [InlineData("]:80")]
    [InlineData("example.org:80")]
    [InlineData("127.0.0.1:80:90")]
    public void Refuses_what_is_no_address(string text) => OptionValues.TryParseListenAddress(text, out _).ShouldBeFalse();

    [Fact]
    public void Takes_nothing_out_of_range_and_never_throws() => Prop.ForAll<string>(text =>
        IsSound(text ?? "") && IsSound(text + "s") && IsSound(text + ":80") && IsSound("[" + text + "]:80")).QuickCheckThrowOnFailure();

    private static bool IsSound(string text) =>
        (!OptionValues.TryParseDuration(text, out var duration) || duration >= TimeSpan.Zero)
        && (!OptionValues.TryParseListenAddress(text, out var endpoint) || endpoint.Port is >= 0 and <= ushort.MaxValue);
}
