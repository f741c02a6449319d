using System.Diagnostics;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>On the real clock: what is asserted holds on a busy machine too.</summary>
public sealed class SamplerServiceTests
{
    private static readonly TimeSpan Forever = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Ticks_at_once_and_stops_promptly_however_long_the_interval()
    {
        using var run = new Run(Forever, Forever);
        await run.Service.StartAsync(CancellationToken.None);
        await run.Until(() => run.Store.Read().Samples == 1);
        var watch = Stopwatch.StartNew();
        await run.Service.StopAsync(CancellationToken.None);
        run.Service.Dispose();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        run.Reads(SourceId.Listeners).ShouldBe(1);
        run.Store.Read().SamplesMissed.ShouldBe(0UL);
    }

    [Fact]
    public async Task Accounts_for_every_slot_of_the_grid()
    {
        var interval = TimeSpan.FromMilliseconds(20);
        using var run = new Run(interval, interval);
        var ticks = new List<long>();
        run.OnRead(SourceId.Snmp, _ => ticks.Add(Stopwatch.GetTimestamp()));
        var watch = Stopwatch.StartNew();
        await run.Service.StartAsync(CancellationToken.None);
        await run.Until(() => run.Store.Read().Samples >= 10);
        await run.Service.StopAsync(CancellationToken.None);
        run.Service.Dispose();
        var sample = run.Store.Read();
        var slots = (double)(sample.Samples + sample.SamplesMissed);
        slots.ShouldBeLessThanOrEqualTo((watch.Elapsed / interval) + 1);

        // the last tick was taken after the one before it was in its midst
        slots.ShouldBeGreaterThanOrEqualTo(Math.Floor(Stopwatch.GetElapsedTime(ticks[0], ticks[^2]) / interval) + 1);
        run.Reads(SourceId.Snmp).ShouldBe((int)sample.Samples);
        run.Reads(SourceId.Listeners).ShouldBe((int)sample.Samples);
    }

    [Fact]
    public async Task A_tick_that_takes_too_long_is_missed_and_not_run_twice()
    {
        var interval = TimeSpan.FromMilliseconds(50);
        using var run = new Run(interval, interval);
        run.OnRead(SourceId.Snmp, reads => Wait(reads == 1 ? 330 : 0));
        await run.Service.StartAsync(CancellationToken.None);
        await run.Until(() => run.Store.Read().Samples >= 2);
        run.Store.Read().SamplesMissed.ShouldBeGreaterThanOrEqualTo(5UL);
    }

    [Fact]
    public async Task Reads_the_listeners_at_their_own_interval()
    {
        using var run = new Run(Forever, TimeSpan.FromMilliseconds(10));
        await run.Service.StartAsync(CancellationToken.None);
        await run.Until(() => run.Reads(SourceId.Listeners) >= 8);
        run.Store.Read().Samples.ShouldBe(1UL);
        run.Reads(SourceId.Snmp).ShouldBe(1);
        run.Store.Read().Status(SourceId.Listeners).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Can_be_stopped_before_it_started_and_twice()
    {
        using var run = new Run(Forever, Forever);
        run.Service.Dispose();
        run.Service.Dispose();
        run.Reads(SourceId.Snmp).ShouldBe(0);
    }

    [Fact]
    public async Task Sweeps_after_the_first_good_sample_and_stops_promptly()
    {
        var store = new SampleStore();
        var source = new FakeSource(SourceId.Sweep);
        using var sampler = FakeHost.Sampler(FakeHost.Sources(), TimeProvider.System).Sampler;
        using var registry = new NamespaceRegistry(FakeHost.Namespace(sampler, store, TimeProvider.System, Forever, Forever, sweep: source));
        using var service = new SweepService(registry, TimeProvider.System, new CpuBudget(1e-9));
        await service.StartAsync(CancellationToken.None);
        await Task.Delay(150);
        source.Reads.ShouldBe(0);
        store.Publish(new NamespaceSample(), TimeProvider.System.GetTimestamp());
        await Until(() => store.Read().Status(SourceId.Sweep).IsOk);
        await Task.Delay(100);
        source.Reads.ShouldBe(1, "the next one is hours away");
        var watch = Stopwatch.StartNew();
        await service.StopAsync(CancellationToken.None);
        service.Dispose();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    private static void Wait(int milliseconds) => Thread.Sleep(milliseconds);

    private static async Task Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            watch.Elapsed.ShouldBeLessThan(Patience);
            await Task.Delay(2);
        }
    }

    private sealed class Run : IDisposable
    {
        private readonly FakeSource[] _sources = FakeHost.Sources();
        private readonly NamespaceRegistry _registry;

        public Run(TimeSpan interval, TimeSpan listenersInterval)
        {
            (var sampler, Store) = FakeHost.Sampler(_sources, TimeProvider.System);
            _registry = new NamespaceRegistry(FakeHost.Namespace(sampler, Store, TimeProvider.System, interval, listenersInterval));
            Service = new SamplerService(_registry);
        }

        public SampleStore Store { get; }

        public SamplerService Service { get; }

        public int Reads(SourceId id) => _sources.Single(source => source.Id == id).Reads;

        public void OnRead(SourceId id, Action<int> action)
        {
            var source = _sources.Single(s => s.Id == id);
            var ordinary = source.OnRead;
            source.OnRead = snapshot =>
            {
                action(source.Reads);
                return ordinary(snapshot);
            };
        }

        public Task Until(Func<bool> condition) => SamplerServiceTests.Until(condition);

        public void Dispose()
        {
            Service.Dispose();
            _registry.Dispose();
        }
    }
}
