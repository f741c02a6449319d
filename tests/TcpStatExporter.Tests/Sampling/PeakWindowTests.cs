using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class PeakWindowTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    [Fact]
    public void Is_empty_before_the_first_value() => new PeakWindow(Minute).Peak.ShouldBe(double.NaN);

    [Fact]
    public void Shows_a_burst_for_the_whole_window_and_forgets_it_a_slice_later()
    {
        var window = new PeakWindow(Minute);
        window.Observe(TimeSpan.FromSeconds(10.9), 100);
        for (var second = 11; second <= 70; second++)
        {
            window.Observe(TimeSpan.FromSeconds(second + 0.9), 1);
            window.Peak.ShouldBe(second <= 70 ? 100 : 1);
        }

        window.Observe(TimeSpan.FromSeconds(71), 1);
        window.Peak.ShouldBe(1);
    }

    [Fact]
    public void Is_the_same_however_often_it_is_read()
    {
        var window = new PeakWindow(Minute);
        window.Observe(TimeSpan.Zero, 5);
        window.Observe(TimeSpan.FromSeconds(1), 3);
        Enumerable.Range(0, 10).Select(_ => window.Peak).ShouldAllBe(peak => peak == 5);
    }

    [Fact]
    public void Ignores_NaN()
    {
        var window = new PeakWindow(Minute);
        window.Observe(TimeSpan.Zero, double.NaN);
        window.Peak.ShouldBe(double.NaN);
        window.Observe(TimeSpan.Zero, -3);
        window.Observe(TimeSpan.Zero, double.NaN);
        window.Peak.ShouldBe(-3);
    }

    [Fact]
    public void Is_empty_after_a_pause_longer_than_the_window()
    {
        var window = new PeakWindow(Minute);
        window.Observe(TimeSpan.FromSeconds(1), 9);
        window.Advance(TimeSpan.FromHours(5));
        window.Peak.ShouldBe(double.NaN);
        window.Observe(TimeSpan.FromHours(5), 2);
        window.Peak.ShouldBe(2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Needs_a_length(long ticks) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new PeakWindow(TimeSpan.FromTicks(ticks)));

    /// <summary>Against a list of all values: the window at least, one slice more at most.</summary>
    [Fact]
    public void Holds_each_value_for_the_right_time() => Prop.ForAll(
        Gen.Choose(1, 5_000_000).ToArbitrary(),
        Gen.ListOf(Gen.Zip(Gen.Choose(0, 1_000_000), Gen.Choose(-50, 50))).ToArbitrary(),
        (windowTicks, steps) =>
        {
            var length = TimeSpan.FromTicks(windowTicks);
            var slice = TimeSpan.FromTicks((windowTicks + PeakWindow.Buckets - 1) / PeakWindow.Buckets);
            var window = new PeakWindow(length);
            var seen = new List<(TimeSpan At, double Value)>();
            var now = TimeSpan.Zero;
            foreach (var (step, value) in steps)
            {
                now += TimeSpan.FromTicks(step);
                seen.Add((now, value));
                window.Observe(now, value);
                var certain = seen.Where(v => now - v.At <= length).Max(v => v.Value);
                var possible = seen.Where(v => now - v.At <= slice * (PeakWindow.Buckets + 1)).Max(v => v.Value);
                if (window.Peak < certain || window.Peak > possible || !seen.Exists(v => v.Value == window.Peak))
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
}
