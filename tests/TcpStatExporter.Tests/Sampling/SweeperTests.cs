using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SweeperTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly SweepTally _tally = new();

    [Fact]
    public void Publishes_its_result_with_the_tick()
    {
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(listeners: 5), _time);
        using (sampler)
        using (var sweeper = Sweeper(store, ReadConnection))
        {
            sampler.Sample();
            sweeper.Sweep().ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
            sampler.Sample();
            var sample = store.Read();
            sample.Status(SourceId.Sweep).ShouldBe(ReadResult.Ok);
            sample.Samples.ShouldBe(2UL);
            sample.Sweep.Listeners.Count.ShouldBe(5);
            sample.Sweep.Listeners[2].Connections[TcpState.Established].ShouldBe(1);
            sample.Sweep.UnixMilliseconds.ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds());
            sample.Sweep.PortsLimit.ShouldBe(60_999 - 32_768 + 1);
            sample[SourceId.Sweep].Exists.ShouldBeTrue();
        }
    }

    [Fact]
    public void Does_not_publish_a_sweep_that_was_stopped()
    {
        using var stopping = new CancellationTokenSource();
        var store = new SampleStore();
        var source = new FakeSource(SourceId.Sweep, _ =>
        {
            stopping.Cancel();
            return ReadResult.Ok;
        });
        using var sweeper = new Sweeper(source, _tally, store, _time, new RecordingLogger<Sweeper>(), stopping.Token);
        sweeper.Sweep();
        store.Read()[SourceId.Sweep].Exists.ShouldBeFalse();
        store.Read().Status(SourceId.Sweep).Status.ShouldBe(SourceStatus.NotRead);
    }

    [Fact]
    public void Keeps_the_time_of_the_last_good_sweep_and_says_that_it_failed()
    {
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(), _time);
        using (sampler)
        {
            sampler.Sample();
            var source = new FakeSource(SourceId.Sweep);
            using var sweeper = new Sweeper(source, _tally, store, _time, new RecordingLogger<Sweeper>());
            sweeper.Sweep();
            var then = store.Read().Sweep.UnixMilliseconds;
            _time.Advance(TimeSpan.FromSeconds(5));
            source.OnRead = _ => ReadResult.Failed(SourceError.NoBuffers);
            sweeper.Sweep();
            store.Read().Sweep.UnixMilliseconds.ShouldBe(then);
            store.Read().Status(SourceId.Sweep).ShouldBe(ReadResult.Failed(SourceError.NoBuffers));
            store.Read()[SourceId.Sweep][SourceError.NoBuffers].ShouldBe(1UL);
        }
    }

    [Fact]
    public void Uses_no_port_range_that_was_not_read()
    {
        var sources = FakeHost.Sources();
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        using (var sweeper = Sweeper(store, ReadConnection))
        {
            sampler.Sample();
            sources.Single(source => source.Id == SourceId.Sysctl).OnRead = _ => ReadResult.Failed(SourceError.Io);
            sampler.Sample();
            sweeper.Sweep();
            store.Read().Sweep.PortsLimit.ShouldBe(-1);
        }
    }

    private Sweeper Sweeper(SampleStore store, Func<TcpSnapshot, ReadResult> read) =>
        new(new FakeSource(SourceId.Sweep, read), _tally, store, _time, new RecordingLogger<Sweeper>());

    private ReadResult ReadConnection(TcpSnapshot snapshot)
    {
        _tally.Add(new TcpSocket
        {
            State = TcpState.Established,
            LocalAddress = IpAddress.FromIPv4(0x0a00_0001),
            LocalPort = 3,
            RemoteAddress = IpAddress.FromIPv4(0x0a00_0002),
            RemotePort = 50_000,
        });
        return ReadResult.Ok;
    }
}
