using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly SourceId[] TickSources = [.. Enum.GetValues<SourceId>().Where(id => id < SourceId.Sweep)];

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Publishes_what_the_sources_read()
    {
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(listeners: 3), _time);
        using (sampler)
        {
            sampler.Sample().ShouldBeTrue();
            var sample = store.Read();
            sample.Kernel.States[TcpState.TimeWait].ShouldBe(60);
            sample.StatePeaks[TcpState.TimeWait].ShouldBe(60);
            sample.Kernel.Snmp.Values[0].ShouldBe(7UL);
            sample.Listeners.Count.ShouldBe(3);
            sample.Samples.ShouldBe(1UL);
            sample.LastSampleUnixMilliseconds.ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds());
            store.Age(_time).ShouldBe(TimeSpan.Zero);
            _time.Advance(TimeSpan.FromSeconds(3));
            store.Age(_time).ShouldBe(TimeSpan.FromSeconds(3));
        }
    }

    [Fact]
    public void Before_the_first_tick_only_start_window_and_sources_are_known()
    {
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(), _time);
        using (sampler)
        {
            var sample = store.Read();
            sample.PeakWindow.ShouldBe(TimeSpan.FromSeconds(60));
            sample.StartUnixMilliseconds.ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds());
            sample.Samples.ShouldBe(0UL);
            store.Age(_time).ShouldBeNull();
            foreach (var id in TickSources)
            {
                sample[id].Exists.ShouldBeTrue();
                sample.Status(id).Status.ShouldBe(SourceStatus.NotRead);
            }
        }
    }

    [Theory]
    [InlineData(SourceId.Sockets)]
    [InlineData(SourceId.Listeners)]
    [InlineData(SourceId.Snmp)]
    [InlineData(SourceId.Netstat)]
    [InlineData(SourceId.Sockstat)]
    [InlineData(SourceId.Sysctl)]
    public void A_failed_source_affects_only_its_own_section(SourceId broken)
    {
        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == broken).OnRead = _ => ReadResult.Failed(SourceError.Io);
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample().ShouldBeTrue();
            var sample = store.Read();
            foreach (var id in TickSources)
            {
                sample.Status(id).IsOk.ShouldBe(id != broken, id.ToString());
                sample[id][SourceError.Io].ShouldBe(id == broken ? 1UL : 0UL);
            }
        }
    }

    [Fact]
    public void Does_not_publish_a_tick_that_was_stopped()
    {
        using var stopping = new CancellationTokenSource();
        var store = new SampleStore();
        var sources = FakeHost.Sources();
        using var sampler = new Sampler(sources, Listeners.Table(), Listeners.Stuck(), host: null, TimeSpan.FromSeconds(60), store, _time, new RecordingLogger<Sampler>(), stopping: stopping.Token);
        sampler.Sample().ShouldBeTrue();
        var listeners = sources.Single(source => source.Id == SourceId.Listeners);
        listeners.OnRead = snapshot =>
        {
            // read in part
            snapshot.Listeners.Clear();
            stopping.Cancel();
            return ReadResult.Ok;
        };
        sampler.Sample().ShouldBeFalse();
        sampler.SampleListeners();
        store.Read().Samples.ShouldBe(1UL);
        store.Read().Listeners.Count.ShouldBe(2);
        store.Read().Kernel.Snmp.Values[0].ShouldBe(7UL);
    }

    [Fact]
    public void Is_bad_if_every_source_fails_and_continues()
    {
        var sources = FakeHost.Sources();
        foreach (var source in sources)
        {
            source.OnRead = _ => throw new InvalidOperationException("oops");
        }

        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample().ShouldBeFalse();
            sampler.Sample().ShouldBeFalse();
            store.Age(_time).ShouldBeNull();
            store.Read().Samples.ShouldBe(2UL);
            TickSources.Select(id => store.Read()[id][SourceError.Internal]).ShouldAllBe(count => count == 2);
        }
    }

    [Fact]
    public void A_bad_tick_keeps_the_age_of_the_last_good_one()
    {
        var sources = FakeHost.Sources();
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
            foreach (var source in sources)
            {
                source.OnRead = _ => ReadResult.Failed(SourceError.Io);
            }

            _time.Advance(TimeSpan.FromSeconds(7));
            sampler.Sample();
            store.Age(_time).ShouldBe(TimeSpan.FromSeconds(7));
        }
    }

    [Fact]
    public void Counts_missed_ticks()
    {
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(), _time);
        using (sampler)
        {
            sampler.Sample();
            sampler.Sample(missed: 3);
            sampler.Sample(missed: 2);
            store.Read().SamplesMissed.ShouldBe(5UL);
            store.Read().Samples.ShouldBe(3UL);
        }
    }

    [Fact]
    public void A_peak_outlives_the_burst_and_the_absence_of_its_source()
    {
        var sources = FakeHost.Sources();
        var sockets = sources.Single(source => source.Id == SourceId.Sockets);
        var quiet = sockets.OnRead;
        sockets.OnRead = snapshot =>
        {
            quiet(snapshot);
            snapshot.States[TcpState.SynRecv] = 5000;
            return ReadResult.Ok;
        };
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
            _time.Advance(TimeSpan.FromSeconds(1));
            sockets.OnRead = _ => ReadResult.Failed(SourceError.Timeout);
            sampler.Sample();
            _time.Advance(TimeSpan.FromSeconds(1));
            sockets.OnRead = quiet;
            sampler.Sample();
            var sample = store.Read();
            sample.Kernel.States[TcpState.SynRecv].ShouldBe(30);
            sample.StatePeaks[TcpState.SynRecv].ShouldBe(5000);
            sample.StatePeaks[TcpState.Established].ShouldBe(10);

            _time.Advance(TimeSpan.FromSeconds(61));
            sampler.Sample();
            store.Read().StatePeaks[TcpState.SynRecv].ShouldBe(30);
        }
    }

    [Fact]
    public void States_that_were_not_counted_age_and_raise_no_peak()
    {
        var sources = FakeHost.Sources();
        var sockets = sources.Single(source => source.Id == SourceId.Sockets);
        var count = sockets.OnRead;
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
            store.Read().StatesAge.ShouldBe(TimeSpan.Zero);
            sockets.OnRead = snapshot =>
            {
                snapshot.AreStatesOld = true;
                snapshot.States[TcpState.Established] = 5000;
                return ReadResult.Ok;
            };
            _time.Advance(TimeSpan.FromSeconds(50));
            sampler.Sample();
            var sample = store.Read();
            sample.StatesAge.ShouldBe(TimeSpan.FromSeconds(50));
            sample.StatesAt.ShouldBe(sample.SampledAt - TimeSpan.FromSeconds(50));
            sample.Kernel.States[TcpState.Listen].ShouldBe(2, "the listeners are read at each tick");
            sample.StatePeaks[TcpState.Established].ShouldBe(5000);

            // counted again, and fewer, while the window still holds the tick that did not count them
            sockets.OnRead = snapshot =>
            {
                count(snapshot);
                snapshot.AreStatesOld = false;
                snapshot.States[TcpState.SynRecv] = 1;
                return ReadResult.Ok;
            };
            _time.Advance(TimeSpan.FromSeconds(15));
            sampler.Sample();
            sample = store.Read();
            sample.StatesAge.ShouldBe(TimeSpan.Zero);
            sample.StatePeaks[TcpState.SynRecv].ShouldBe(1, "30 was counted 65 s ago, and never again");
        }
    }

    [Fact]
    public void A_peak_is_never_below_what_is_shown()
    {
        var sources = FakeHost.Sources();
        var sockets = sources.Single(source => source.Id == SourceId.Sockets);
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
            sockets.OnRead = snapshot =>
            {
                snapshot.AreStatesOld = true;
                return ReadResult.Ok;
            };
            _time.Advance(TimeSpan.FromMinutes(5));
            sampler.Sample();
            var sample = store.Read();
            sample.Kernel.States[TcpState.CloseWait].ShouldBe(80);
            sample.StatePeaks[TcpState.CloseWait].ShouldBe(80);
        }
    }

    [Fact]
    public void Remembers_that_an_unknown_state_was_seen()
    {
        var sources = FakeHost.Sources();
        var sockets = sources.Single(source => source.Id == SourceId.Sockets);
        var ordinary = sockets.OnRead;
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
            store.Read().HasUnknownState.ShouldBeFalse();
            sockets.OnRead = snapshot =>
            {
                ordinary(snapshot);
                snapshot.States.Unknown = 4;
                return ReadResult.Ok;
            };
            sampler.Sample();
            sockets.OnRead = snapshot =>
            {
                snapshot.States.Unknown = 0;
                return ReadResult.Ok;
            };
            sampler.Sample();
            store.Read().HasUnknownState.ShouldBeTrue();
            store.Read().StatePeaks.Unknown.ShouldBe(4);
        }
    }

    [Fact]
    public void Reads_only_the_listeners_at_their_own_interval()
    {
        var sources = FakeHost.Sources();
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.SampleListeners();
            sampler.Sample();
            sampler.SampleListeners();
            sources.ShouldAllBe(source => source.Reads == (source.Id == SourceId.Listeners || source.Id == SourceId.Netstat ? 3 : 1));
            store.Read().Samples.ShouldBe(1UL, "a look is no tick");
            store.Read().Listeners[0].FillRatios.Counts(ListenerSample.FillRatioBounds).ToArray().Aggregate((a, b) => a + b).ShouldBe(3UL);
        }
    }

    [Fact]
    public void Reads_the_listeners_and_the_loss_counters_last_and_again_if_the_counters_moved()
    {
        var order = new List<SourceId>();
        var drops = 5UL;
        var sources = new[] { SourceId.Netstat, SourceId.Listeners, SourceId.Snmp, SourceId.Sockstat, SourceId.Sockets }
            .Select(id => new FakeSource(id, snapshot =>
            {
                order.Add(id);
                if (id == SourceId.Netstat)
                {
                    snapshot.Netstat.SetNames(["ListenDrops"]);
                    snapshot.Netstat.Values[0] = drops;
                }

                return ReadResult.Ok;
            }));
        using var sampler = FakeHost.Sampler([.. sources], _time).Sampler;
        sampler.Sample();
        order.Clear();

        sampler.Sample();
        order.ShouldBe([SourceId.Snmp, SourceId.Sockstat, SourceId.Sockets, SourceId.Listeners, SourceId.Netstat], "each once where nothing was lost");

        order.Clear();
        drops++;
        sampler.Sample();
        order[^4..].ShouldBe([SourceId.Listeners, SourceId.Netstat, SourceId.Listeners, SourceId.Netstat], "how far netstat moves while the listeners are read tells what they cannot show yet");
    }

    [Fact]
    public void Disposes_its_sources()
    {
        var sources = FakeHost.Sources();
        FakeHost.Sampler(sources, _time).Sampler.Dispose();
        sources.ShouldAllBe(source => source.IsDisposed);
    }
}
