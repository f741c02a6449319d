using System.Diagnostics;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SampleStoreTests
{
    private static readonly ListenerIdentity Identity = new(IpAddress.FromIPv4(1), 80, "");

    /// <summary>Every field of a sample says the same number: a reader that sees two has been torn.</summary>
    [Fact]
    public async Task Readers_get_whole_samples_during_publishing()
    {
        var store = new SampleStore();
        using var stop = new CancellationTokenSource();
        var ticks = OnOwnThread(() => Write((n, sample, _) => store.Publish(Fill(sample, n), n), stop.Token));
        var sweeps = OnOwnThread(() => Write((n, _, sweep) => PublishSweep(store, sweep, n), stop.Token));

        // the readers say when it is enough
        await Task.WhenAll(OnOwnThread(() => Read(store)), OnOwnThread(() => Read(store)));
        await stop.CancelAsync();
        await Task.WhenAll(ticks, sweeps);
    }

    [Fact]
    public void Keeps_the_sweep_when_a_tick_is_published_and_the_tick_when_a_sweep_is()
    {
        var store = new SampleStore();
        PublishSweep(store, new SweepSample(), 5);
        store.Publish(Fill(new NamespaceSample(), 7), 7);
        store.Read().Sweep.PortsLimit.ShouldBe(5);
        store.Read()[SourceId.Sweep][SourceError.Io].ShouldBe(5UL);
        PublishSweep(store, new SweepSample(), 6);
        store.Read().Samples.ShouldBe(7UL);
        store.Read().Sweep.PortsLimit.ShouldBe(6);
    }

    [Fact]
    public void A_held_sample_does_not_change_and_a_released_one_is_reused()
    {
        var store = new SampleStore();
        var seen = new HashSet<NamespaceSample>();
        store.Publish(Fill(new NamespaceSample(), 7), 7);
        PublishSweep(store, new SweepSample(), 5);
        using (var held = store.Take())
        {
            for (var n = 8; n < 100; n++)
            {
                store.Publish(Fill(new NamespaceSample(), n), n);
                PublishSweep(store, new SweepSample(), n);
                using var lease = store.Take();
                seen.Add(lease.Sample);
            }

            held.Sample.Kernel.Snmp.Values[0].ShouldBe(7UL);
            held.Sample.Listeners[0].QueueLength.ShouldBe(7);
            held.Sample.Sweep.PortsLimit.ShouldBe(5);
            seen.ShouldNotContain(held.Sample);
        }

        seen.Count.ShouldBeLessThanOrEqualTo(3, "the one that is published, the next, and one that a reader holds");
    }

    [Fact]
    public void A_tick_without_a_good_source_does_not_reset_the_age()
    {
        var time = new ManualTimeProvider();
        var store = new SampleStore();
        store.Publish(new NamespaceSample(), null);
        store.Age(time).ShouldBeNull();
        store.Publish(new NamespaceSample(), time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(2));
        store.Publish(new NamespaceSample(), null);
        store.Age(time).ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_sample_that_is_too_old_counts_as_failed_until_the_next()
    {
        var time = new ManualTimeProvider();
        var store = new SampleStore(time, TimeSpan.FromSeconds(3));
        store.Read().IsStale.ShouldBeFalse("there is none yet");
        store.IsFresh(out _).ShouldBeFalse();
        var sample = new NamespaceSample();
        sample.Kernel[SourceId.Sockets] = ReadResult.Ok;
        sample.Kernel[SourceId.Snmp] = ReadResult.OkDespite(SourceError.Interrupted);
        sample.Kernel[SourceId.Sysctl] = ReadResult.Failed(SourceError.Io);
        sample.Host.Status(HostSourceId.Machine) = sample.Host.Status(HostSourceId.Softnet) = ReadResult.Ok;
        sample.Host.Sockets = default(HostSockets);
        PublishSweep(store, new SweepSample { Status = ReadResult.Ok }, 5);
        store.Publish(sample, time.GetTimestamp());

        time.Advance(TimeSpan.FromSeconds(3));
        store.Read().IsStale.ShouldBeFalse();
        store.Read().Status(SourceId.Sockets).ShouldBe(ReadResult.Ok);
        store.IsFresh(out _).ShouldBeTrue();

        time.Advance(TimeSpan.FromSeconds(0.1));
        var old = store.Read();
        old.IsStale.ShouldBeTrue();
        store.Take().Age.ShouldBe(TimeSpan.FromSeconds(3.1));
        old.Status(SourceId.Sockets).ShouldBe(ReadResult.Failed(SourceError.Stale));
        old.Status(SourceId.Snmp).ShouldBe(ReadResult.Failed(SourceError.Stale));
        old.Status(SourceId.Sysctl).ShouldBe(ReadResult.Failed(SourceError.Io), "it has a reason of its own");
        old.Status(SourceId.Sweep).ShouldBe(ReadResult.Ok, "it has a pace of its own");
        old.Host.Status(HostSourceId.Softnet).ShouldBe(ReadResult.Failed(SourceError.Stale));
        old.Host.Status(HostSourceId.Machine).ShouldBe(ReadResult.Ok, "the size of the memory does not change");
        old.Host.Sockets.ShouldBeNull();
        store.IsFresh(out _).ShouldBeFalse();

        store.Publish(sample, time.GetTimestamp());
        store.Read().IsStale.ShouldBeFalse();
        store.Read().Status(SourceId.Sockets).ShouldBe(ReadResult.Ok);
        store.Read().Host.Sockets.ShouldBe(default(HostSockets));
    }

    [Theory]
    [InlineData(0.1, 2)]
    [InlineData(1, 3)]
    [InlineData(60, 180)]
    public void A_sample_is_fresh_for_three_intervals_and_at_least_two_seconds(double interval, double freshness) =>
        Freshness.Of(TimeSpan.FromSeconds(interval)).ShouldBe(TimeSpan.FromSeconds(freshness));

    private static Task OnOwnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Write(Action<int, NamespaceSample, SweepSample> publish, CancellationToken stop)
    {
        var sample = new NamespaceSample();
        var sweep = new SweepSample();
        var n = 0;
        while (!stop.IsCancellationRequested)
        {
            publish(++n, sample, sweep);
        }
    }

    private static void Read(SampleStore store)
    {
        var different = 0;
        var last = 0UL;
        var watch = Stopwatch.StartNew();
        while (different < 200)
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), "else nothing was tried");
            using var lease = store.Take();
            var mine = lease.Sample;
            var n = mine.Samples;
            if (n == 0)
            {
                continue;
            }

            n.ShouldBeGreaterThanOrEqualTo(last);
            different += n == last ? 0 : 1;
            last = n;
            mine.Listeners.Count.ShouldBe((int)(n % 50) + 1);
            var rows = mine.Listeners.Span;
            ((ulong)rows[^1].QueueLength).ShouldBe(n);
            rows[0].Drops.ShouldBe(n);
            ((ulong)mine.Kernel.States[TcpState.Closing]).ShouldBe(n);
            ((ulong)mine.StatePeaks[TcpState.Established]).ShouldBe(n);
            mine.Kernel.Snmp.Values[^1].ShouldBe(n);
            mine[SourceId.Sockets][SourceError.Io].ShouldBe(n);
            ((ulong)mine.LastSampleUnixMilliseconds).ShouldBe(n);

            mine.Sweep.Listeners.Count.ShouldBe(mine.Sweep.PortsLimit % 30);
            mine.Sweep.UnixMilliseconds.ShouldBe(mine.Sweep.PortsLimit);
            mine[SourceId.Sweep][SourceError.Io].ShouldBe((ulong)mine.Sweep.PortsLimit);
        }
    }

    private static NamespaceSample Fill(NamespaceSample sample, int n)
    {
        sample.Samples = (ulong)n;
        sample.LastSampleUnixMilliseconds = n;
        sample.StatePeaks[TcpState.Established] = n;
        sample.Kernel.States[TcpState.Closing] = n;
        sample[SourceId.Sockets][SourceError.Io] = (ulong)n;
        sample[SourceId.Sweep][SourceError.Io] = 999_999_999;
        if (sample.Kernel.Snmp.Names.Length == 0)
        {
            sample.Kernel.Snmp.SetNames(["A", "B"]);
        }

        sample.Kernel.Snmp.Values.Fill((ulong)n);
        sample.Listeners.Clear();
        for (var i = 0; i <= n % 50; i++)
        {
            sample.Listeners.Add(new ListenerSample { Identity = Identity, QueueLength = n, Drops = (ulong)n });
        }

        return sample;
    }

    private static void PublishSweep(SampleStore store, SweepSample sweep, int n)
    {
        sweep.PortsLimit = n;
        sweep.UnixMilliseconds = n;
        sweep.Listeners.Clear();
        for (var i = 0; i < n % 30; i++)
        {
            sweep.Listeners.Add(new SweepListener { Identity = Identity });
        }

        var statistics = default(SourceStatistics);
        statistics[SourceError.Io] = (ulong)n;
        store.Publish(sweep, statistics);
    }
}
