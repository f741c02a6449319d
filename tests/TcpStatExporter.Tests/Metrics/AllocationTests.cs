using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

/// <summary>From the sources to a sample, which allocates nothing, and on to a page, which may allocate up to a limit.</summary>
public sealed class AllocationTests
{
    /// <summary>The daemon's own parts on this host, whose sockets come and go: the minimum of many rounds.</summary>
    [Theory]
    [InlineData("auto", 100)]
    [InlineData("auto", 1e-6)] // the sockets are counted once, then probed
    [InlineData("procfs", 100)]
    public async Task The_daemons_parts_allocate_nothing_on_the_kernel_of_this_host(string source, double cpuBudget)
    {
        var options = await Arguments.Options($"--source={source}", "--counters=all");
        using var sampling = SamplingSetup.Create(options, TimeProvider.System, NullLoggerFactory.Instance, budget: new CpuBudget(cpuBudget));
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
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
        sampling.Store.Read().Listeners.Count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Sampling_sweeping_and_publishing_allocate_nothing_after_warm_up()
    {
        var time = new ManualTimeProvider();
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(listeners: 1000), time, Listeners.Table(max: 2000, unitOf: _ => "nginx.service"));
        using var ownSampler = sampler;
        using var sweeper = new Sweeper(new FakeSource(SourceId.Sweep), new SweepTally(), store, time, new RecordingLogger<Sweeper>());

        // until every mark of the recent past was used
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

        void Tick()
        {
            time.Advance(TimeSpan.FromSeconds(1));
            sampler.SampleListeners();
            sampler.Sample();
            sweeper.Sweep();
        }
    }

    /// <summary>
    /// What remains is a buffer of 16 KiB and a few small objects that prometheus-net creates for each page of any size.
    /// </summary>
    [Theory]
    [InlineData(50)]
    [InlineData(1000)]
    public void A_scrape_allocates_little_for_any_number_of_listeners(int listeners)
    {
        var time = new ManualTimeProvider();
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(listeners), time, Listeners.Table(max: 2000, unitOf: _ => "nginx.service"));
        using var ownSampler = sampler;
        var page = RenderedPage.Page(store, allCounters: true);
        using var buffer = new MemoryStream();
        Tick();

        // includes the observations since the last scrape
        Tick();
        Allocated.By(Scrape).ShouldBeLessThan(20_000);
        store.Read().Listeners.Count.ShouldBe(listeners);
        buffer.Length.ShouldBeGreaterThan(listeners * 1000);

        void Tick()
        {
            Scrape();
            time.Advance(TimeSpan.FromSeconds(1));
            sampler.Sample();
        }

        void Scrape() => page.Render(buffer, ExpositionFormat.PrometheusText);
    }
}
