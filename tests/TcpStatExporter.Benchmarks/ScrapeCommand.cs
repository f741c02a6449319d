using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.Benchmarks.Cost;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Benchmarks;

/// <summary>
/// Measures the cost of a scrape by number of listeners: copying the sample, setting the series and writing the page to
/// memory. There are fifteen new samples between two scrapes.
/// </summary>
internal static class ScrapeCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "scrape";

    private const string ListenersFlag = "--listeners";
    private const int SamplesPerScrape = 15;

    /// <summary>Number of rounds. The median counts.</summary>
    private const int Rounds = 7;

    /// <summary>Minimum CPU time of a round, because of the resolution of its clock.</summary>
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(400);

    /// <summary>Its flags: the numbers of listeners, separated by commas.</summary>
    public static string[] Flags { get; } = [ListenersFlag];

    /// <summary>Runs the command.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0.</returns>
    public static int Run(Flags flags)
    {
        var table = new Table("listeners", "CPU, ms a scrape", "CPU % of a core, each 15 s", "allocated, bytes a scrape", "page, kB", "kept for it, MB");
        foreach (var listeners in flags.Numbers(ListenersFlag, 3, 50, 256, 1000, 20_000))
        {
            Measure((int)listeners, table);
        }

        table.Print();
        return 0;
    }

    private static void Measure(int listeners, Table table)
    {
        var store = new SampleStore();
        var sample = Sample(listeners);
        Publish();
        using var process = new ProcessStatistics();
        using var bytes = new MemoryStream();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var page = new MetricsPage(store, new AdviceStore(), process, allCounters: false);

        // until the code has its final compilation
        var start = TimeProvider.System.GetTimestamp();
        for (var scrape = 0; scrape < 5 || (scrape < 500 && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(3)); scrape++)
        {
            Scrape();
        }

        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        var cpu = new List<double>();
        var allocated = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var used = TimeSpan.Zero;
            var scrapes = 0;
            while (used < RoundTime)
            {
                Publish();
                var bytesBefore = GC.GetAllocatedBytesForCurrentThread();
                var cpuBefore = Environment.CpuUsage.TotalTime;
                Scrape();
                used += Environment.CpuUsage.TotalTime - cpuBefore;
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - bytesBefore);
                scrapes++;
            }

            cpu.Add(used.TotalMilliseconds / scrapes);
        }

        var median = Median.Of(cpu);
        table.Add($"{listeners:N0}", $"{median:0.00}", $"{median / 150:0.000}", $"{allocated:N0}", $"{bytes.Length / 1000.0:N0}", $"{kept / 1e6:0.0}");

        void Scrape() => page.Render(bytes, ExpositionFormat.PrometheusText);

        void Publish()
        {
            foreach (ref var listener in sample.Listeners.Span)
            {
                for (var n = 0; n < SamplesPerScrape; n++)
                {
                    listener.FillRatios.Observe(ListenerSample.FillRatioBounds, n / 14.0);
                }

                listener.Drops++;
            }

            store.Publish(sample, goodTimestamp: 0);
            store.Publish(sample.Sweep, new SourceStatistics { Exists = true, Method = SourceMethod.Netlink });
        }
    }

    /// <summary>Returns a host on which nothing is missing, so the page has everything it can have.</summary>
    private static NamespaceSample Sample(int listeners)
    {
        var host = new NamespaceSample { PeakWindow = TimeSpan.FromMinutes(1), Samples = 1000 };
        for (var id = SourceId.Sockets; id <= SourceId.Sysctl; id++)
        {
            host.Kernel[id] = ReadResult.Ok;
            host[id].Exists = true;
        }

        host.Sweep.Status = ReadResult.Ok;
        for (var i = 0; i < listeners; i++)
        {
            var identity = new ListenerIdentity(
                IpAddress.FromIPv4((uint)(0x0a00_0000 + i)), (ushort)(1024 + (i % 60_000)), $"service-{i.ToString(CultureInfo.InvariantCulture)}.service");
            host.Listeners.Add(new ListenerSample
            {
                Identity = identity,
                Sockets = 1,
                QueueLength = i % 128,
                QueueLimit = 128,
                QueuePeak = 128,
                FillRatio = i % 128 / 128.0,
                FillRatioPeak = 1.0078125,
                Drops = (ulong)(i * 1000),
                SynQueueLength = i % 7,
                SynQueuePeak = 7,
                OpenedUnixMilliseconds = 1_700_000_000_123,
                HasLimit = true,
                HasDrops = true,
            });
            host.Sweep.Listeners.Add(new SweepListener { Identity = identity });
            host.Sweep.Listeners[i].Connections[TcpState.Established] = i;
        }

        return host;
    }
}
