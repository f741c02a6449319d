using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

/// <summary>The way of the data from the sources to the bytes of a page, on a host with much on it.</summary>
public sealed class AllocationTests
{
    /// <summary>The daemon's own parts on this host, whose sockets come and go: the least of many rounds.</summary>
    [Theory]
    [InlineData("auto")]
    [InlineData("procfs")]
    public async Task The_daemons_parts_allocate_nothing_on_the_kernel_of_this_host(string source)
    {
        var options = await Arguments.Options($"--source={source}", "--counters=all");
        using var sampling = SamplingSetup.Create(options, TimeProvider.System, NullLoggerFactory.Instance);
        using var process = new ProcessStatistics();
        var page = new MetricsPage(sampling.Store, sampling.Advice, process, options.AllCounters);
        var buffer = new ExpositionBuffer();
        var writer = new ExpositionWriter(buffer);
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen(1);

        var least = long.MaxValue;
        for (var round = 0; round < 100 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            sampling.Sampler.SampleListeners();
            sampling.Sampler.Sample();
            sampling.Sweeper.Sweep();
            page.Render(writer, ExpositionFormat.OpenMetrics);
            page.Render(writer, ExpositionFormat.PrometheusText);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
        sampling.Store.Read().Listeners.Count.ShouldBeGreaterThan(0);
        buffer.Length.ShouldBeGreaterThan(10_000);
    }

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

        Allocated.By(() =>
        {
            for (var i = 0; i < 5; i++)
            {
                Tick();
            }
        }).ShouldBe(0);
        store.Read().Listeners.Count.ShouldBe(1000);
        (store.Read().SynSentDestinations.Count, store.Read().CloseWaitHolders.Count).ShouldBe((5, 10));
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
