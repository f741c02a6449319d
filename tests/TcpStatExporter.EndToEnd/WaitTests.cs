using System.Diagnostics;
using System.Globalization;
using Shouldly;
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
/// What is said of how long connections wait to be accepted, against a server that measures it itself. The oldest
/// connection has waited for less than it will have waited in the end, by at most the time from one accept to the next:
/// the servers here accept often.
/// </summary>
public sealed class WaitTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(9);

    [Fact]
    public void Constant_overload()
    {
        using var ns = NetNamespace.Create();
        var pace = TimeSpan.FromMilliseconds(5);
        using var server = new SlowAcceptor(ns, waitingFirst: 150, () => pace, _ => pace);
        ShouldAgree(ns, server);
    }

    [Fact]
    public void Stalls_of_three_seconds()
    {
        using var ns = NetNamespace.Create();
        var stalls = 0;
        using var server = new SlowAcceptor(
            ns, waitingFirst: 20, () => TimeSpan.FromMilliseconds(5), elapsed => elapsed.TotalSeconds < (4 * stalls) + 1 ? TimeSpan.Zero : ++stalls > 0 ? TimeSpan.FromSeconds(3) : default);
        ShouldAgree(ns, server);
    }

    /// <summary>Poisson arrivals, exponential service times, nine tenths of what it can serve.</summary>
    [Fact]
    public void Random_arrivals()
    {
        using var ns = NetNamespace.Create();
        var (arrivals, services) = (new Random(1), new Random(2));
        using var server = new SlowAcceptor(
            ns, waitingFirst: 20, () => Exponential(arrivals, perSecond: 180), _ => Exponential(services, perSecond: 200));
        ShouldAgree(ns, server);
    }

    private static TimeSpan Exponential(Random random, double perSecond) => TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / perSecond);

    private void ShouldAgree(NetNamespace ns, SlowAcceptor server)
    {
        KernelNamespace.TryOpen(ns.FilePath, out var opened, out var errno).ShouldBeTrue(errno.ToString(CultureInfo.InvariantCulture));
        using var net = opened!;
        using var source = new SockDiagListenerSource(net, CancellationToken.None);
        using var waits = new AcceptWaits(net, budget: null, ThreadCpuClock.Now, CancellationToken.None);
        var listeners = new ListenerTable(TimeSpan.FromMinutes(1), max: 8, (_, _) => true, _ => "", _ => "");
        var snapshot = new TcpSnapshot();
        var rows = new ValueList<ListenerSample>();
        var histograms = new ValueList<Histogram>();
        var seen = new List<double>();
        var start = Stopwatch.GetTimestamp();
        TimeSpan Now() => Stopwatch.GetElapsedTime(start);
        while (Now() < Watch)
        {
            source.Read(snapshot).IsOk.ShouldBeTrue();
            listeners.Observe(snapshot.Listeners.Span, Now(), unixMilliseconds: 1);
            waits.Look(listeners, Now);
            listeners.CopyTo(rows, histograms);
            rows[0].OldestSeconds.ShouldNotBe(double.NaN);

            // looks count from the first one on that finds the queue in use
            if (histograms.Count > 0)
            {
                seen.Add(rows[0].OldestSeconds);
            }

            Thread.Sleep(Random.Shared.Next(1, 20));
        }

        var measured = server.Waits;
        var observed = histograms[0];
        Tell("server", measured);
        Tell("looks", seen);
        (observed.Sum / Count(observed)).ShouldBe(seen.Average(), 1e-6, "one observation a look");
        seen.Average().ShouldBe(measured.Average(), Tolerance(measured.Average()));
        Percentile(seen, 0.99).ShouldBe(Percentile(measured, 0.99), Tolerance(Percentile(measured, 0.99)));
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

    private void Tell(string what, IReadOnlyCollection<double> seconds) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{what}: {seconds.Count}, mean {seconds.Average() * 1000:F1} ms, 99th percentile {Percentile(seconds, 0.99) * 1000:F1} ms"));
}
