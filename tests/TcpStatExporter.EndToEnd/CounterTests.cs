using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Lab;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Every counter of the kernel, as nstat prints it.</summary>
public sealed class CounterTests
{
    // what nstat finds useless
    private static readonly string[] LeftOutByNstat = ["CurrEstab", "RtoAlgorithm", "RtoMin", "RtoMax", "MaxConn"];

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_counter_is_what_nstat_says(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: ["--counters=all", "--sample.interval=200ms"]);
        using var queue = new AcceptQueueFull(ns);
        queue.StopRetries();
        using var resets = new ResetsWithUnreadData(ns, 9);
        using var overflow = new TimeWaitOverflow(ns);

        var (truth, scrape) = Still(ns, exporter);

        var exported = ByKernelName(scrape);
        exported.Keys.ShouldBe(truth.Keys, ignoreOrder: true);
        string.Join('\n', exported.OrderBy(counter => counter.Key, StringComparer.Ordinal))
            .ShouldBe(string.Join('\n', truth.OrderBy(counter => counter.Key, StringComparer.Ordinal)));

        // that they are not all 0
        exported["TcpExtListenDrops"].ShouldBe(11);
        exported["TcpExtTCPTimeWaitOverflow"].ShouldBe(40);
        exported["TcpOutRsts"].ShouldBeGreaterThanOrEqualTo(9);
        exported["TcpMaxConn"].ShouldBe(-1);
    }

    [SkippableFact]
    public void By_default_the_curated_ones_are_there_and_what_they_say_is_the_same()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=200ms"]);
        using var queue = new AcceptQueueFull(ns);
        queue.StopRetries();

        var (truth, scrape) = Still(ns, exporter);

        var exported = ByKernelName(scrape);
        exported.Count.ShouldBeInRange(40, 70);
        exported.ShouldAllBe(counter => truth[counter.Key] == counter.Value);
        exported.Keys.ShouldContain(name => name == "TcpCurrEstab");
        exported.Keys.ShouldContain(name => name == "TcpExtTCPReqQFullDoCookies");
        exported.Keys.ShouldNotContain(name => name == "TcpExtTCPHPHits");
    }

    /// <summary>
    /// What the tools say, and a scrape of a sample taken while they said it. A scrape moves counters of segments
    /// itself: the sample must end before the scrape begins, and the tools say the same before and after it.
    /// </summary>
    private static (IReadOnlyDictionary<string, long> Truth, Scrape Scrape) Still(NetNamespace ns, ExporterProcess exporter)
    {
        for (var i = 0; i < 20; i++)
        {
            var before = Read(ns);

            // a sample that had begun before may still be on its way
            var from = Now() + Interval.TotalSeconds;
            Thread.Sleep(4 * Interval);
            var after = Read(ns);
            var to = Now();
            var scrape = exporter.Scrape();
            if (before.All(counter => after[counter.Key] == counter.Value) && scrape.Value("tcpstat_last_sample_timestamp_seconds") is var at && at >= from && at < to)
            {
                return (after, scrape);
            }
        }

        throw new TimeoutException("the counters never stood still");

        static double Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
    }

    private static Dictionary<string, long> Read(NetNamespace ns)
    {
        var counters = Nstat.Read(ns)
            .Where(counter => counter.Key.StartsWith("Tcp", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);
        foreach (var name in LeftOutByNstat)
        {
            counters.Add("Tcp" + name, ProcNet.Counter(ns, "snmp", "Tcp", name));
        }

        return counters;
    }

    /// <summary>HELP begins with the kernel's own spelling.</summary>
    private static Dictionary<string, long> ByKernelName(Scrape scrape) => scrape.Families.Values
        .Where(family => family.Name.StartsWith("tcpstat_tcp_", StringComparison.Ordinal) || family.Name.StartsWith("tcpstat_tcpext_", StringComparison.Ordinal))
        .ToDictionary(
            family => family.Help.Split(':')[0],
            family => long.Parse(family.Samples.ShouldHaveSingleItem().Value.ToString(CultureInfo.InvariantCulture), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            StringComparer.Ordinal);
}
