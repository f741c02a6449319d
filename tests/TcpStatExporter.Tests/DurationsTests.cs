using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Tests;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("100ms", 100)]
    [InlineData("1s", 1000)]
    [InlineData("1.5s", 1500)]
    [InlineData(".5s", 500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("0s", 0)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1h0.5m1ms", 3_630_001)]
    public void Reads_durations(string text, double milliseconds)
    {
        Durations.TryParse(text, out var value).ShouldBeTrue();
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
    [InlineData("1m30")]
    [InlineData("1ms1x")]
    [InlineData("1.2.3s")]
    [InlineData("NaNs")]
    [InlineData("Infinitys")]
    [InlineData("-Infinitys")]
    [InlineData("99999999999999999999h")]
    public void Rejects_what_is_not_a_duration(string text)
    {
        Durations.TryParse(text, out var value).ShouldBeFalse();
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
        Durations.Format(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);

    [Fact]
    public void Reads_what_it_writes() => Prop.ForAll(
        Gen.Choose(1, int.MaxValue).ToArbitrary(),
        milliseconds => Durations.TryParse(Durations.Format(TimeSpan.FromMilliseconds(milliseconds)), out var value)
            && value == TimeSpan.FromMilliseconds(milliseconds)).QuickCheckThrowOnFailure();

    [Fact]
    public void Accepts_nothing_out_of_range_and_never_throws() => Prop.ForAll<string>(text => IsSound(text ?? "") && IsSound(text + "s")).QuickCheckThrowOnFailure();

    private static bool IsSound(string text) => !Durations.TryParse(text, out var duration) || duration >= TimeSpan.Zero;
}
