using Shouldly;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

/// <summary>The way of the data from the sources to the bytes of a page, on a host with much on it.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Sampling_sweeping_publishing_and_rendering_allocate_nothing_after_warm_up()
    {
        var time = new ManualTimeProvider();
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(listeners: 1000), time, Listeners.Table(max: 2000, unitOf: _ => "nginx.service"));
        using var ownSampler = sampler;
        using var sweeper = new Sweeper(new FakeSource(SourceId.Sweep), new SweepTally(), store, time, new RecordingLogger<Sweeper>());
        var page = RenderedPage.Page(store, allCounters: true);
        var buffer = new ExpositionBuffer();
        var writer = new ExpositionWriter(buffer);

        // until every mark of the recent past has been in use
        for (var i = 0; i < 10; i++)
        {
            Tick();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5; i++)
        {
            Tick();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        store.Read().Listeners.Count.ShouldBe(1000);
        store.Read().Kernel.Netstat.Names.Length.ShouldBeGreaterThan(100);
        buffer.Length.ShouldBeGreaterThan(1_000_000);

        void Tick()
        {
            time.Advance(TimeSpan.FromSeconds(1));
            sampler.SampleListeners();
            sampler.Sample();
            sweeper.Sweep();
            page.Render(writer, ExpositionFormat.OpenMetrics);
            page.Render(writer, ExpositionFormat.PrometheusText);
        }
    }
}
