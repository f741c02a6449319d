using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>
/// Connection tracking of a namespace, compared with the kernel's own files. No test sets the limit, because it is host-wide.
/// </summary>
public sealed class ConntrackTests
{
    /// <summary>Each takes half a kilobyte of kernel memory as long as the test runs.</summary>
    private const int MostEntries = 300_000;

    [Fact]
    public void Entries_are_counted_per_namespace()
    {
        RequireConntrack();
        using var ns = NetNamespace.Create();
        using var other = NetNamespace.Create();
        TrackedPackets.Track(ns);
        TrackedPackets.Send(ns, 500);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms", "--netns.named", other.Name]);

        var scrape = exporter.ScrapeFresh();
        scrape.Value("tcpstat_conntrack_entries").ShouldBeInRange(500, 510, "each scrape is a connection too");
        scrape.Value("tcpstat_conntrack_entries_limit").ShouldBe(Limit);
        scrape.Value("tcpstat_conntrack_drops_total", ("reason", "drop")).ShouldBe(0);
        scrape.Value("tcpstat_conntrack_entries", ("netns", other.Name)).ShouldBe(0);
        scrape.Value("tcpstat_source_up", ("source", "conntrack")).ShouldBe(1);
    }

    [Fact]
    public void A_full_table_evicts_entries_and_is_a_finding()
    {
        RequireConntrack();
        Assert.SkipWhen(Limit > MostEntries, $"nf_conntrack_max is {Limit}: it would take too much memory to fill the table");
        using var ns = NetNamespace.Create();
        TrackedPackets.Track(ns);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        exporter.ScrapeFresh();

        TrackedPackets.Send(ns, Limit + (Limit / 32));
        var evicted = Kernel(ns, "early_drop");
        evicted.ShouldBeGreaterThan(0);
        Wait.Until(() => exporter.Scrape().Value("tcpstat_conntrack_drops_total", ("reason", "early_drop")) >= evicted, () => "entries that made room");

        // each scrape is a connection that needs an entry too
        exporter.Scrape().Value("tcpstat_conntrack_drops_total", ("reason", "early_drop")).ShouldBeLessThanOrEqualTo(Kernel(ns, "early_drop"));
        exporter.Scrape().Value("tcpstat_conntrack_drops_total", ("reason", "drop")).ShouldBeLessThanOrEqualTo(Kernel(ns, "drop"));
        Wait.Until(
            () => exporter.Scrape().Value("tcpstat_finding", ("id", "conntrack-table-near-limit"), ("severity", "warning")) == 1,
            () => "a finding while the entries last");
    }

    private static int Limit => int.Parse(File.ReadAllText("/proc/sys/net/netfilter/nf_conntrack_max"), CultureInfo.InvariantCulture);

    private static void RequireConntrack()
    {
        Requires.RootAndIp();
        Requires.Program("iptables");
        Assert.SkipUnless(File.Exists("/proc/sys/net/netfilter/nf_conntrack_max"), "this kernel does not track connections");
    }

    /// <summary>Returns a counter of the kernel, summed over all processors.</summary>
    private static double Kernel(NetNamespace ns, string name)
    {
        var lines = ns.Run(() => File.ReadAllLines("/proc/thread-self/net/stat/nf_conntrack"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        return lines.Skip(1).Sum(line => uint.Parse(line[Array.IndexOf(lines[0], name)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }
}
