using Shouldly;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class ReadingPaceTests
{
    private readonly ManualTimeProvider _time = new();
    private TimeSpan _cpu;

    /// <summary>200 seconds for a second of CPU: a two-hundredth of a core.</summary>
    [Theory]
    [InlineData(1, 4.5)]
    [InlineData(22, 4.5)]
    [InlineData(50, 10)]
    [InlineData(2000, 400)]
    public void The_more_a_read_costs_the_less_often_it_is_done(double milliseconds, double pause)
    {
        var pace = new ReadingPace(ReadingPace.OfDaemon, _time, () => _cpu);
        pace.IsDue.ShouldBeTrue();
        Read(pace, milliseconds);
        _time.Advance(ReadingPace.OfDaemon);
        Read(pace, milliseconds);
        _time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
        pace.IsDue.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        pace.IsDue.ShouldBeTrue();
    }

    /// <summary>The first, which has its code compiled, or one that another thread's work was counted to.</summary>
    [Fact]
    public void One_costly_reading_among_cheap_ones_delays_nothing()
    {
        var pace = new ReadingPace(ReadingPace.OfDaemon, _time, () => _cpu);
        foreach (var milliseconds in (double[])[500, 1, 1, 400, 1])
        {
            pace.IsDue.ShouldBeTrue();
            Read(pace, milliseconds);
            _time.Advance(ReadingPace.OfDaemon);
        }
    }

    [Fact]
    public void A_failed_read_is_retried_at_once()
    {
        var pace = new ReadingPace(ReadingPace.OfDaemon, _time, () => _cpu);
        Read(pace, 50, succeeded: false);
        pace.IsDue.ShouldBeTrue();
    }

    [Fact]
    public void A_zero_interval_reads_in_every_sample()
    {
        var pace = new ReadingPace(TimeSpan.Zero, _time, () => _cpu);
        Read(pace, 5000);
        pace.IsDue.ShouldBeTrue();
    }

    private void Read(ReadingPace pace, double milliseconds, bool succeeded = true)
    {
        pace.Begin();
        _cpu += TimeSpan.FromMilliseconds(milliseconds);
        pace.End(succeeded);
    }
}
