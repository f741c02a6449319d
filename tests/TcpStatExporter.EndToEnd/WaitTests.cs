using System.Diagnostics;
using System.Globalization;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.SockDiag;
using Xunit;
using KernelNamespace = TcpStatExporter.Kernel.Linux.NetNamespace;
using NetNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.EndToEnd;

/// <summary>
/// The reported waiting times, compared with a server that measures them itself. The oldest connection has waited less than
/// it will have waited at the end, by at most the time from one accept to the next. The servers here accept often.
/// </summary>
public sealed class WaitTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(9);

    [Fact]
    public void Constant_overload()
    {
        using var ns = NetNamespace.Create();
        var pace = TimeSpan.FromMilliseconds(5);
        ShouldAgree(ns, () => new SlowAcceptor(ns, waitingFirst: 150, () => pace, _ => pace));
    }

    [Fact]
    public void Stalls_of_three_seconds()
    {
        using var ns = NetNamespace.Create();
        var stalls = 0;
        ShouldAgree(ns, () => new SlowAcceptor(ns, waitingFirst: 20, () => TimeSpan.FromMilliseconds(5), Stall));

        TimeSpan Stall(TimeSpan elapsed)
        {
            if (elapsed.TotalSeconds < (4 * stalls) + 1)
            {
                return TimeSpan.Zero;
            }

            stalls++;
            return TimeSpan.FromSeconds(3);
        }
    }

    /// <summary>Poisson arrivals, exponential service times, at 90 % of capacity.</summary>
    [Fact]
    public void Random_arrivals()
    {
        using var ns = NetNamespace.Create();
        var (arrivals, services) = (new Random(1), new Random(2));
        ShouldAgree(
            ns, () => new SlowAcceptor(ns, waitingFirst: 20, () => Exponential(arrivals, perSecond: 180), _ => Exponential(services, perSecond: 200)));
    }

    /// <summary>The daemon as user nobody: metrics, finding and view, and the same listener once it accepts.</summary>
    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("::", true)]
    public void The_daemon_reports_how_long_clients_wait(string address, bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: ["--sample.interval=200ms"]);
        using var idle = new AcceptQueueFull(ns, backlog: 100, clients: 0);
        using var waiting = new AcceptQueueFull(ns, backlog: 100, clients: 5, IPAddress.Parse(address));
        Wait.Until(() => Oldest(waiting) >= 1.2, () => "a wait of 1.2 s");
        Wait.Until(() => exporter.Scrape().Value("tcpstat_finding", ("id", "accept-queue-wait"), ("severity", "warning")) == 1, () => "a finding");
        Wait.Until(() => exporter.Scrape().ListenerValue("tcpstat_listen_queue_wait_seconds_count", waiting.Listener) > 1, () => "more than one look");
        var scrape = exporter.Scrape();
        scrape.ListenerValue("tcpstat_listen_queue_oldest_peak_seconds", waiting.Listener).ShouldBeGreaterThan(1);
        scrape.ListenerValue("tcpstat_listen_queue_oldest_seconds", idle.Listener).ShouldBe(0);
        scrape.Samples("tcpstat_listen_queue_wait_seconds_count").Count.ShouldBe(1, "the idle one has no histogram");

        waiting.Drain(5);
        Wait.Until(() => Oldest(waiting) == 0, () => "no wait");
        exporter.Scrape().ListenerValue("tcpstat_listen_queue_oldest_peak_seconds", waiting.Listener).ShouldBeGreaterThan(1);
        Wait.Until(() => exporter.Scrape().Value("tcpstat_finding", ("id", "accept-queue-wait"), ("severity", "warning")) == 0, () => "no finding");

        // nothing before the first sample that shows it
        double Oldest(AcceptQueueFull listener) => exporter.Scrape().Samples("tcpstat_listen_queue_oldest_seconds")
            .Where(sample => sample.Labels["port"] == listener.Listener.Port.ToString(CultureInfo.InvariantCulture))
            .Select(sample => sample.Value)
            .DefaultIfEmpty(-1)
            .Single();
    }

    [Fact]
    public void Data_sent_by_clients_counts_as_memory()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=200ms"]);
        using var waiting = new AcceptQueueFull(ns, backlog: 100, clients: 0);
        using var client = ns.Run(() => KernelSocket.Connected(waiting.Listener));
        client.Send(new byte[20_000]);
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_listen_queue_memory_bytes").Count > 1, () => "the listener");
        Wait.Until(
            () => exporter.Scrape().ListenerValue("tcpstat_listen_queue_memory_bytes", waiting.Listener) >= 20_000, () => "the memory of 20,000 bytes");
        waiting.Drain(1);
        Wait.Until(() => exporter.Scrape().ListenerValue("tcpstat_listen_queue_memory_bytes", waiting.Listener) == 0, () => "no memory");
    }

    [Fact]
    public void Doctor_reports_it_within_two_seconds()
    {
        using var ns = NetNamespace.Create();
        using var waiting = new AcceptQueueFull(ns, backlog: 100, clients: 5);
        var doctor = Doctor.Examine(ns);
        doctor.Finding("accept-queue-wait").GetProperty("title").GetString()!.ShouldMatch($@"^Clients of 127\.0\.0\.1:{waiting.Listener.Port} (\(.*\) )?have waited \d");
    }

    /// <summary>Allocates nothing, whether it follows known connections or does a dump.</summary>
    [Fact]
    public void An_examination_allocates_nothing()
    {
        using var ns = NetNamespace.Create();
        using var waiting = new AcceptQueueFull(ns, backlog: 100, clients: 50);
        KernelNamespace.TryOpen(ns.FilePath, out var opened, out _).ShouldBeTrue();
        using var net = opened!;
        using var source = new SockDiagListenerSource(net, CancellationToken.None);
        using var waits = new AcceptWaits(net, budget: null, ThreadCpuClock.Now, CancellationToken.None);
        var listeners = new ListenerTable(TimeSpan.FromMinutes(1), max: 8, (_, _) => true, _ => "", _ => "");
        var snapshot = new TcpSnapshot();
        var now = TimeSpan.Zero;
        Func<TimeSpan> clock = () => now;
        var allocated = 0L;
        for (var look = 0; look < 40; look++)
        {
            // more than the age at which a dump is repeated, every second time
            now += TimeSpan.FromSeconds(look % 2 == 0 ? 11 : 1);
            source.Read(snapshot).IsOk.ShouldBeTrue();
            listeners.Observe(snapshot.Listeners.Span, now, unixMilliseconds: 1);
            var before = GC.GetAllocatedBytesForCurrentThread();
            waits.Sampled(listeners, now);
            waits.Look(listeners, clock);
            allocated = look < 10 ? 0 : allocated + GC.GetAllocatedBytesForCurrentThread() - before;
        }

        allocated.ShouldBe(0);
    }

    private static TimeSpan Exponential(Random random, double perSecond) => TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / perSecond);

    private void ShouldAgree(NetNamespace ns, Func<SlowAcceptor> start)
    {
        KernelNamespace.TryOpen(ns.FilePath, out var opened, out var errno).ShouldBeTrue(errno.ToString(CultureInfo.InvariantCulture));
        using var net = opened!;
        using var source = new SockDiagListenerSource(net, CancellationToken.None);
        using var waits = new AcceptWaits(net, budget: null, ThreadCpuClock.Now, CancellationToken.None);
        var listeners = new ListenerTable(TimeSpan.FromMinutes(1), max: 8, (_, _) => true, _ => "", _ => "");
        var snapshot = new TcpSnapshot();
        var rows = new ValueList<ListenerSample>();
        var histograms = new ValueList<Histogram>();
        var seen = new List<(double Seconds, double Time)>();
        var zero = Stopwatch.GetTimestamp();
        TimeSpan Now() => Stopwatch.GetElapsedTime(zero);

        // exclude JIT compilation
        for (var i = 0; i < 20; i++)
        {
            Look();
        }

        using var server = start();
        var begin = Now();
        for (var last = begin; last - begin < Watch;)
        {
            Thread.Sleep(Random.Shared.Next(1, 20));
            Look();
            rows[0].OldestSeconds.ShouldNotBe(double.NaN);
            seen.Add((rows[0].OldestSeconds, (Now() - last).TotalSeconds));
            last = Now();
        }

        var measured = server.Waits;
        var observed = histograms[0];
        Tell("server", measured);
        Tell("looks", [.. seen.Select(look => look.Seconds)]);
        Count(observed).ShouldBe(seen.SkipWhile(look => look.Seconds == 0).Count(), seen.TakeWhile(look => look.Seconds == 0).Count() + 1, "from the first one on that finds the queue in use");
        observed.Sum.ShouldBe(seen.Sum(look => look.Seconds), 1e-6, "one observation a look");

        // on a busy machine, a result covers the time since the previous one: the daemon's come once per second
        var mean = seen.Sum(look => look.Seconds * look.Time) / seen.Sum(look => look.Time);
        mean.ShouldBe(measured.Average(), Tolerance(measured.Average()));
        Percentile(seen.Select(look => look.Seconds), 0.99).ShouldBe(Percentile(measured, 0.99), Tolerance(Percentile(measured, 0.99)));

        void Look()
        {
            source.Read(snapshot).IsOk.ShouldBeTrue();
            listeners.Observe(snapshot.Listeners.Span, Now(), unixMilliseconds: 1);
            waits.Look(listeners, Now);
            listeners.CopyTo(rows, histograms);
        }
    }

    private static double Tolerance(double of) => Math.Max(0.005, of * 0.05);

    private static double Count(Histogram histogram)
    {
        var count = 0.0;
        foreach (var one in histogram.Counts(QueueWaits.SecondsBounds))
        {
            count += one;
        }

        return count;
    }

    private static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)(share * (sorted.Length - 1))];
    }

    private void Tell(string what, double[] seconds) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{what}: {seconds.Length}, mean {seconds.Average() * 1000:F1} ms, 99th percentile {Percentile(seconds, 0.99) * 1000:F1} ms"));
}
