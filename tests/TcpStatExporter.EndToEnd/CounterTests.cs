using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>All kernel counters, compared with nstat.</summary>
public sealed class CounterTests
{
    // what nstat considers useless
    private static readonly string[] LeftOutByNstat = ["CurrEstab", "RtoAlgorithm", "RtoMin", "RtoMax", "MaxConn"];

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_counter_matches_nstat(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: ["--counters=all", "--sample.interval=200ms"]);
        using var queue = new AcceptQueueFull(ns);
        queue.StopRetries();
        using var resets = new ResetsWithUnreadData(ns, 9);
        using var overflow = new TimeWaitOverflow(ns);

        var (truth, exported) = Agreed(ns, exporter);

        exported.Keys.ShouldBe(truth.Keys, ignoreOrder: true);

        // they are not all 0
        exported["TcpExtListenDrops"].ShouldBe(11 + queue.Retries);
        exported["TcpExtTCPTimeWaitOverflow"].ShouldBe(40);
        exported["TcpOutRsts"].ShouldBeGreaterThanOrEqualTo(9);
        exported["TcpMaxConn"].ShouldBe(-1);
    }

    [Fact]
    public void By_default_the_curated_counters_are_exported_with_the_same_values()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=200ms"]);
        using var queue = new AcceptQueueFull(ns);
        queue.StopRetries();

        var (_, exported) = Agreed(ns, exporter);

        exported.Count.ShouldBeInRange(40, 70);
        exported.Keys.ShouldContain(name => name == "TcpCurrEstab");
        exported.Keys.ShouldContain(name => name == "TcpExtTCPReqQFullDoCookies");
        exported.Keys.ShouldNotContain(name => name == "TcpExtTCPHPHits");
    }

    /// <summary>
    /// Returns the values of the tools, and those of an exporter sample taken while they did not change. A scrape itself
    /// changes segment counters. So the sample must end before the scrape begins, and the tools must report the same values
    /// before and after the sample.
    /// </summary>
    private static (IReadOnlyDictionary<string, long> Truth, IReadOnlyDictionary<string, long> Exported) Agreed(NetNamespace ns, ExporterProcess exporter)
    {
        var difference = "the counters never stood still";
        for (var i = 0; i < 20; i++)
        {
            var before = AtRest(ns);

            // a sample that began earlier may not have been published yet
            var from = Now() + Interval.TotalSeconds;
            Thread.Sleep(4 * Interval);
            var after = Read(ns);
            var to = Now();
            var scrape = exporter.Scrape();
            if (AreSame(before, after) && scrape.Value("tcpstat_last_sample_timestamp_seconds") is var at && at >= from && at < to)
            {
                var exported = ByKernelName(scrape);
                difference = string.Join('\n', exported.Where(counter => after.GetValueOrDefault(counter.Key, long.MinValue) != counter.Value).Select(counter => $"{counter}, not {after.GetValueOrDefault(counter.Key)}"));
                if (difference.Length == 0)
                {
                    return (after, exported);
                }
            }
        }

        throw new TimeoutException(difference);

        static double Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
    }

    /// <summary>Returns what the tools report twice in a row.</summary>
    private static Dictionary<string, long> AtRest(NetNamespace ns)
    {
        var now = Read(ns);
        Wait.Until(
            () =>
            {
                var before = now;
                now = Read(ns);
                return AreSame(before, now);
            },
            () => "counters at rest");
        return now;
    }

    private static bool AreSame(Dictionary<string, long> before, Dictionary<string, long> after) => before.All(counter => after[counter.Key] == counter.Value);

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

    /// <summary>HELP begins with the kernel's name.</summary>
    private static Dictionary<string, long> ByKernelName(Scrape scrape) => scrape.Families.Values
        .Where(family => family.Name.StartsWith("tcpstat_tcp_", StringComparison.Ordinal) || family.Name.StartsWith("tcpstat_tcpext_", StringComparison.Ordinal))
        .ToDictionary(
            family => family.Help.Split(':')[0],
            family => long.Parse(family.Samples.ShouldHaveSingleItem().Value.ToString(CultureInfo.InvariantCulture), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            StringComparer.Ordinal);
}
