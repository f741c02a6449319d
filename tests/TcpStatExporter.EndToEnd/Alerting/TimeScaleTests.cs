using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>The tested rules are the shipped ones, except for their durations.</summary>
public sealed class TimeScaleTests
{
    [Theory]
    [InlineData("rate(a[5m])", "rate(a[15s])")]
    [InlineData("max_over_time(a[1h:30s])", "max_over_time(a[3m:1500ms])")]
    [InlineData("min_over_time(a[1h:])", "min_over_time(a[3m:])")]
    [InlineData("a offset 10m > b offset 1h", "a offset 30s > b offset 3m")]
    [InlineData("last_over_time(a[1d])", "last_over_time(a[72m])")]
    [InlineData("        for: 2m\n        keep_firing_for: 5m\n", "        for: 6s\n        keep_firing_for: 15s\n")]
    [InlineData("  group_wait: 30s\n  group_interval: 5m\n  repeat_interval: 4h\n", "  group_wait: 1500ms\n  group_interval: 15s\n  repeat_interval: 12m\n")]
    [InlineData("a > 5 # tcp_mem[2], for 5m, rate5m, label_5m", "a > 5 # tcp_mem[2], for 5m, rate5m, label_5m")]
    public void Only_durations_are_shortened(string real, string shortened)
    {
        TimeScale.Laboratory.Shorten(real).ShouldBe(shortened);
        TimeScale.Laboratory.Lengthen(shortened).ShouldBe(real);
    }

    [Fact]
    public void A_duration_that_cannot_be_shortened_is_refused() =>
        Should.Throw<FormatException>(() => new TimeScale(7).Shorten("a[1s]"));

    [Fact]
    public void Lengthening_restores_the_shipped_files()
    {
        foreach (var text in new[] { Shipped.Rules, Shipped.Alertmanager })
        {
            var shortened = TimeScale.Laboratory.Shorten(text);

            shortened.ShouldNotBe(text, StringComparer.Ordinal);
            TimeScale.Laboratory.Lengthen(shortened).ShouldBe(text);
            TimeScale.In(shortened).ShouldBe(TimeScale.In(text).Select(TimeScale.Laboratory.Shorten));
        }
    }
}
