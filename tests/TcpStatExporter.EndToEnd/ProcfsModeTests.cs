using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>With procfs only: what it does not print is absent, not zero. Everything else is the same.</summary>
public sealed class ProcfsModeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Limit_drops_and_fill_are_absent_and_the_rest_matches_the_tools(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var queue = new AcceptQueueFull(ns);
        using var group = new OneFullOfGroup(ns);
        queue.StopRetries();
        group.StopRetries();
        using var synQueue = new SynQueueFull(ns, syncookies: 1);

        // wait until nothing changes: while connections arrive, procfs may report rows twice, which would stay in the peaks
        var queued = CountSynRecv(ns, synQueue.Listener);
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: ["--source=procfs", "--sample.interval=100ms"]);
        var scrape = exporter.ShouldAgreeWithTools(ns, isProcfs: true);
        var left = CountSynRecv(ns, synQueue.Listener);

        scrape.Families.Keys
            .Intersect(["tcpstat_listen_queue_limit", "tcpstat_listen_queue_fill_ratio", "tcpstat_listen_queue_fill_ratio_peak", "tcpstat_listen_drops_total"], StringComparer.Ordinal)
            .ShouldBeEmpty();
        scrape.ListenerValue("tcpstat_listen_queue_length", queue.Listener).ShouldBe(9);
        scrape.ListenerValue("tcpstat_listen_queue_peak", queue.Listener).ShouldBe(9);
        scrape.ListenerValue("tcpstat_listen_sockets", group.Listener).ShouldBe(4);
        scrape.ListenerValue("tcpstat_listen_queue_length", group.Listener).ShouldBe(9);

        // the scrapes themselves add one or two rows, and the kernel drops half of the requests after some seconds
        scrape.ListenerValue("tcpstat_listen_syn_queue_peak", synQueue.Listener).ShouldBeInRange(left, queued + 2);
        queued.ShouldBeGreaterThanOrEqualTo(synQueue.Backlog);
        scrape.Samples("tcpstat_source_info").ShouldAllBe(sample => sample["method"] == "procfs");
        scrape.Samples("tcpstat_source_up").ShouldAllBe(sample => sample.Value == 1);
        exporter.Log.ShouldContain("procfs");
    }

    [Fact]
    public void Netlink_serves_sockets_listeners_UDP_and_the_sweep_and_the_log_says_so()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, asNobody: true, arguments: ["--sample.interval=100ms"]);

        exporter.WaitForSweep();
        var scrape = exporter.Scrape();

        string[] byNetlink = [.. scrape.Samples("tcpstat_source_info").Where(sample => sample["method"] == "netlink").Select(sample => sample["source"])];
        byNetlink.ShouldBe(["sockets", "listeners", "udp", "unix", "sweep"], ignoreOrder: true);
        exporter.Log.ShouldContain("netlink");
    }

    private static int CountSynRecv(NetNamespace ns, IPEndPoint listener) =>
        Ss.Sockets(ns).Count(socket => socket.State == TcpState.SynRecv && socket.IsAt(listener));
}
