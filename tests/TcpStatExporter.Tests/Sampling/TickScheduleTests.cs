using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class TickScheduleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1000);

    [Fact]
    public void Takes_the_first_tick_at_once_but_no_second_one()
    {
        var ticks = new TickSchedule(Second, Start);
        ticks.TryTake(Start - TimeSpan.FromTicks(1), out _).ShouldBeFalse();
        ticks.TryTake(Start, out var missed).ShouldBeTrue();
        missed.ShouldBe(0);
        ticks.TryTake(Start, out _).ShouldBeFalse();
        ticks.TryTake(Start + TimeSpan.FromTicks(Second.Ticks - 1), out _).ShouldBeFalse();
        ticks.TryTake(Start + Second, out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(999, 0)] // late, and within its own interval
    [InlineData(1000, 1)]
    [InlineData(1999, 1)]
    [InlineData(60_500, 60)]
    public void Counts_ticks_that_passed_entirely(int lateMilliseconds, long missed)
    {
        var ticks = new TickSchedule(Second, Start);
        ticks.TryTake(Start + TimeSpan.FromMilliseconds(lateMilliseconds), out var counted).ShouldBeTrue();
        counted.ShouldBe(missed);
        ticks.Due.ShouldBe(Start + (Second * (missed + 1)));
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(1_234_567)] // an interval that divides nothing evenly
    public void Does_not_drift_or_lose_a_tick_over_a_million_late_ones(long intervalTicks)
    {
        var random = new Random(20_260_101);
        var ticks = new TickSchedule(TimeSpan.FromTicks(intervalTicks), Start);
        long slots = 0;
        long lastSlot = -1;
        for (var i = 0; i < 1_000_000; i++)
        {
            // mostly a little late, now and then by several intervals
            var late = random.Next(100) == 0 ? random.NextInt64(5 * intervalTicks) : random.NextInt64(intervalTicks);
            var now = ticks.Due + TimeSpan.FromTicks(late);
            if (!ticks.TryTake(now, out var missed))
            {
                Assert.Fail("a tick that is due was not taken");
            }

            slots += missed + 1;
            var slot = (now - Start).Ticks / intervalTicks;
            if (slot <= lastSlot || slot != slots - 1 || ticks.Due.Ticks != Start.Ticks + (slots * intervalTicks))
            {
                Assert.Fail($"tick {i}: slot {slot} after {lastSlot}, {slots} counted, next due at {ticks.Due}");
            }

            lastSlot = slot;
        }
    }

    [Fact]
    public void Needs_an_interval() => Should.Throw<ArgumentOutOfRangeException>(() => new TickSchedule(TimeSpan.Zero, Start));
}
