using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class RecentPastTests
{
    private readonly RecentPast _past = new();
    private readonly NamespaceSample _sample = new() { SampledAt = TimeSpan.FromHours(1) };

    public RecentPastTests()
    {
        foreach (var id in Enum.GetValues<SourceId>())
        {
            _sample.Kernel[id] = ReadResult.Ok;
        }

        _sample.Kernel.Netstat.SetNames(["ListenDrops"]);
        _sample.Listeners.Add(new ListenerSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(1), 80, ""), HasLimit = true, HasDrops = true });
    }

    [Fact]
    public void Keeps_the_last_minute_oldest_first()
    {
        for (var i = 1; i <= 100; i++)
        {
            var count = i;
            Tick(1, () => _sample.Kernel.States[TcpState.Established] = count);
        }

        _past.Count.ShouldBe(61);
        Established().ShouldBe(Enumerable.Range(40, 61).Select(i => (long)i));
        (_past[60].At - _past[0].At).ShouldBe(TimeSpan.FromMinutes(1));
    }

    /// <summary>Five ticks a second: the point has the levels of its last one and the fill of its fullest.</summary>
    [Fact]
    public void Quick_ticks_share_a_point()
    {
        for (var i = 0; i < 50; i++)
        {
            var count = i;
            Tick(0.2, () =>
            {
                _sample.Kernel.States[TcpState.Established] = count;
                _sample.Listeners[0].FillRatio = count % 5 == 2 ? 0.75 : 0.25;
            });
        }

        Established().ShouldBe([4, 9, 14, 19, 24, 29, 34, 39, 44, 49]);
        _past[3].WorstFill.ShouldBe(0.75);
        _past.Before(_sample)!.At.ShouldBe(_past[5].At, "the mark of five seconds ago, and not one of five ticks ago");
    }

    [Fact]
    public void Knows_the_smallest_CLOSE_WAIT_since_a_time()
    {
        _past.LeastCloseWait(TimeSpan.Zero).ShouldBeNull();
        var from = TimeSpan.Zero;
        foreach (var (held, unaccepted) in new[] { (10, 0), (30, 5), (60, 40), (50, 0), (40, 0) })
        {
            Tick(0.5, () => (_sample.Kernel.States[TcpState.CloseWait], _sample.Kernel.CloseWaitUnaccepted) = (held, unaccepted));
            from = held == 60 ? _sample.SampledAt : from;
        }

        _past.LeastCloseWait(TimeSpan.Zero).ShouldBe(10);
        _past.LeastCloseWait(from).ShouldBe(20);
        _past.LeastCloseWait(from + TimeSpan.FromSeconds(0.1)).ShouldBe(40);
        _past.LeastCloseWait(_sample.SampledAt + TimeSpan.FromSeconds(1)).ShouldBeNull();
    }

    [Fact]
    public void A_tick_without_a_count_is_not_a_minimum()
    {
        Tick(1, () => _sample.Kernel.States[TcpState.CloseWait] = 10);
        var from = _sample.SampledAt + TimeSpan.FromSeconds(0.5);
        _sample.Kernel.AreStatesOld = true;
        Tick(1, () => { });
        _past.LeastCloseWait(from).ShouldBeNull();
        _past.LeastCloseWait(TimeSpan.Zero).ShouldBe(10);
    }

    [Fact]
    public void Slightly_early_ticks_get_their_own_points()
    {
        foreach (var after in (double[])[1, 0.99, 1.02, 0.98, 1.01, 0.995])
        {
            Tick(after);
        }

        _past.Count.ShouldBe(6);
    }

    [Fact]
    public void A_read_between_ticks_adds_its_fill_but_no_point()
    {
        Tick(1, () => _sample.Listeners[0].FillRatio = 0.1);
        _sample.Listeners[0].FillRatio = 1.1;
        _past.Observe(_sample);
        _sample.Listeners[0].FillRatio = 0;
        _past.Observe(_sample);
        _past.Count.ShouldBe(1);
        _past[0].WorstFill.ShouldBe(1.1);
    }

    [Fact]
    public void What_was_not_read_is_unknown()
    {
        Tick(1);
        foreach (var id in Enum.GetValues<SourceId>())
        {
            _sample.Kernel[id] = ReadResult.Failed(SourceError.Io);
        }

        Tick(1);
        (_past[0].HasStates, _past[0].HasListenDrops, double.IsNaN(_past[0].WorstFill)).ShouldBe((true, true, false));
        (_past[1].HasStates, _past[1].HasListenDrops, double.IsNaN(_past[1].WorstFill)).ShouldBe((false, false, true));
    }

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(1, 2, 1.0)]
    [InlineData(1, 3, 2.0)]
    [InlineData(1, 30, 5.0)]
    [InlineData(2, 30, 4.0)]
    [InlineData(15, 30, 15.0)]
    [InlineData(60, 3, 60.0)]
    public void Rates_are_over_five_seconds_or_one_tick(double interval, int ticks, double? window)
    {
        for (var i = 0; i < ticks; i++)
        {
            Tick(interval, () => _sample.Kernel.Netstat.Values[0]++);
        }

        var before = _past.Before(_sample);
        (before is null ? (double?)null : (_sample.SampledAt - before.At).TotalSeconds).ShouldBe(window);
        if (window is { } seconds)
        {
            (_sample.Kernel.Netstat.Values[0] - before!.Netstat.Values[0]).ShouldBe((ulong)(seconds / interval));
        }
    }

    [Fact]
    public void A_copy_is_independent_of_the_original()
    {
        Tick(1, () => _sample.Listeners[0].Drops = 5);
        Tick(1, () => _sample.Listeners[0].Drops = 7);
        var copy = new RecentPast();
        _past.CopyTo(copy);
        var second = _sample.SampledAt;
        for (var i = 0; i < 70; i++)
        {
            Tick(1, () => _sample.Listeners[0].Drops = 9);
        }

        copy.Count.ShouldBe(2);
        copy[1].At.ShouldBe(second);
        copy.Before(new NamespaceSample { SampledAt = second })!.Drops.Span.ToArray().ShouldBe([new ListenerDrops(_sample.Listeners[0].Identity, 5, 0)]);
    }

    [Fact]
    public void Before_the_first_tick_there_is_nothing()
    {
        _past.Observe(_sample);
        _past.Count.ShouldBe(0);
        _past.Before(_sample).ShouldBeNull();
        Should.Throw<ArgumentOutOfRangeException>(() => _past[0].At);
    }

    [Fact]
    public void Observing_and_copying_allocate_nothing_after_warm_up()
    {
        var copy = new RecentPast();
        for (var i = 0; i < 10; i++)
        {
            Step();
        }

        Allocated.By(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                Step();
            }
        }).ShouldBe(0);

        void Step()
        {
            _sample.Samples++;
            _sample.SampledAt += TimeSpan.FromSeconds(1);
            _past.Observe(_sample);
            _past.CopyTo(copy);
        }
    }

    private void Tick(double seconds, Action? change = null)
    {
        _sample.Samples++;
        _sample.SampledAt += TimeSpan.FromSeconds(seconds);
        _sample.ListenersAt = _sample.SampledAt;
        change?.Invoke();
        _past.Observe(_sample);
    }

    private long[] Established() => [.. Enumerable.Range(0, _past.Count).Select(i => _past[i].States[TcpState.Established])];
}
