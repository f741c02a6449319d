using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>
/// After each fault, the exporter agrees with ss, nstat and /proc, and only the right listener shows the drops. Also as user
/// nobody without capabilities.
/// </summary>
public sealed class KernelProofTests
{
    private const string Drops = "tcpstat_listen_drops_total";
    private const string SynQueuePeak = "tcpstat_listen_syn_queue_peak";

    private static readonly string[] Fast = ["--sample.interval=100ms"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_full_accept_queue(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: Fast);
        using var idle = new AcceptQueueFull(ns, backlog: 8, clients: 0);
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        fault.StopRetries();

        var scrape = exporter.ShouldAgreeWithTools(ns);

        scrape.Value("tcpstat_source_info", ("source", "listeners"), ("method", "netlink")).ShouldBe(1);
        scrape.ListenerValue("tcpstat_listen_queue_length", fault.Listener).ShouldBe(9);
        scrape.ListenerValue("tcpstat_listen_queue_limit", fault.Listener).ShouldBe(8);
        scrape.ListenerValue("tcpstat_listen_queue_peak", fault.Listener).ShouldBe(9);
        scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_peak", fault.Listener).ShouldBe(9 / 8.0);
        FullSamples(scrape, fault.Listener).ShouldBePositive();
        ShouldDropOnlyAt(scrape, fault.Listener).ShouldBe(11 + fault.Retries);
        scrape.Value("tcpstat_tcpext_listen_drops_total").ShouldBe(11 + fault.Retries);
        FullSamples(scrape, idle.Listener).ShouldBe(0);
        scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_peak", idle.Listener).ShouldBe(0);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::")]
    public void A_backlog_of_0(string address)
    {
        using var ns = NetNamespace.Create();
        Assert.SkipWhen(address.Contains(':', StringComparison.Ordinal) && !ns.HasIPv6, "no IPv6");
        using var exporter = ExporterProcess.Start(ns, arguments: Fast);
        using var fault = new AcceptQueueFull(ns, backlog: 0, clients: 3, IPAddress.Parse(address));
        fault.StopRetries();

        var scrape = exporter.ShouldAgreeWithTools(ns);

        scrape.ListenerValue("tcpstat_listen_queue_length", fault.Listener).ShouldBe(1);
        scrape.ListenerValue("tcpstat_listen_queue_limit", fault.Listener).ShouldBe(0);
        double.IsFinite(scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_peak", fault.Listener)).ShouldBeTrue();
        FullSamples(scrape, fault.Listener).ShouldBePositive();
        ShouldDropOnlyAt(scrape, fault.Listener).ShouldBe(2 + fault.Retries);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_full_SYN_queue(int syncookies)
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: Fast);
        using var idle = new AcceptQueueFull(ns, clients: 0);
        using var fault = new SynQueueFull(ns, syncookies);
        fault.StopRetries();

        var scrape = exporter.ShouldAgreeWithTools(ns);

        // the peak: the kernel drops half of them after some seconds, and a busy machine may need that long
        var queued = scrape.ListenerValue(SynQueuePeak, fault.Listener);
        if (syncookies == 2)
        {
            queued.ShouldBe(0);
        }
        else
        {
            queued.ShouldBeOneOf(fault.Backlog, fault.Backlog + 1);
        }

        scrape.ListenerValue(SynQueuePeak, idle.Listener).ShouldBe(0);

        // without cookies, refused clients retry
        var rest = fault.Clients - queued + fault.Retries;
        scrape.Value(syncookies == 0 ? "tcpstat_tcpext_req_q_full_drop_total" : "tcpstat_tcpext_req_q_full_do_cookies_total").ShouldBe(rest);
        scrape.Value("tcpstat_tcpext_listen_drops_total").ShouldBe(syncookies == 0 ? rest : 0);
        ShouldDropOnlyAt(scrape, fault.Listener).ShouldBeGreaterThanOrEqualTo(fault.Clients, "the filter dropped the ACK of each that was answered");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    public void A_SYN_flood(int syncookies, bool asNobody)
    {
        const int Syns = 2000;
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", $"{syncookies}");
        using var exporter = ExporterProcess.Start(server, asNobody, arguments: Fast);
        using var idle = new AcceptQueueFull(server, clients: 0);
        using var fault = new SynFlood(server, attacker, backlog: 128, Syns);

        var scrape = exporter.ShouldAgreeWithTools(server);

        // the peak: the kernel drops half of them after some seconds, and a busy machine may need that long
        var queued = scrape.ListenerValue(SynQueuePeak, fault.Listener);
        if (syncookies == 2)
        {
            queued.ShouldBe(0);
        }
        else
        {
            queued.ShouldBeOneOf(fault.Backlog, fault.Backlog + 1);
        }

        if (syncookies == 0)
        {
            scrape.Value("tcpstat_tcpext_req_q_full_drop_total").ShouldBe(Syns - queued);
            ShouldDropOnlyAt(scrape, fault.Listener).ShouldBe(Syns - queued);
        }
        else
        {
            scrape.Value("tcpstat_tcpext_req_q_full_do_cookies_total").ShouldBeGreaterThanOrEqualTo(Syns - queued);
            scrape.Value("tcpstat_tcpext_syncookies_failed_total").ShouldBe(0);
            scrape.Samples(Drops).ShouldAllBe(sample => sample.Value == 0);
            fault.SendBadCookies(25);
            exporter.ShouldAgreeWithTools(server).Value("tcpstat_tcpext_syncookies_failed_total").ShouldBe(25);
        }
    }

    [Fact]
    public void A_SYN_flood_limited_by_tcp_max_syn_backlog()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "0");
        server.SetSysctl("net.ipv4.tcp_max_syn_backlog", "2048");
        using var exporter = ExporterProcess.Start(server, arguments: Fast);
        using var idle = new AcceptQueueFull(server, clients: 0);
        using var fault = new SynFlood(server, attacker, backlog: 4096, syns: 2000);

        var scrape = exporter.ShouldAgreeWithTools(server);

        scrape.ListenerValue(SynQueuePeak, fault.Listener).ShouldBe(1537);
        ShouldDropOnlyAt(scrape, fault.Listener).ShouldBe(463);
        scrape.Value("tcpstat_tcpext_req_q_full_drop_total").ShouldBe(0);
        scrape.Value("tcpstat_sysctl", ("name", "net.ipv4.tcp_max_syn_backlog")).ShouldBe(2048);
        scrape.Value("tcpstat_sysctl", ("name", "net.ipv4.tcp_syncookies")).ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_full_socket_of_a_group(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: Fast);
        using var idle = new OneFullOfGroup(ns, sockets: 3, clients: 0);
        using var fault = new OneFullOfGroup(ns, sockets: 4, backlog: 8, clients: 20);
        fault.StopRetries();

        var scrape = exporter.ShouldAgreeWithTools(ns);

        scrape.ListenerValue("tcpstat_listen_sockets", fault.Listener).ShouldBe(4);
        scrape.ListenerValue("tcpstat_listen_queue_length", fault.Listener).ShouldBe(9);
        scrape.ListenerValue("tcpstat_listen_queue_limit", fault.Listener).ShouldBe(32);
        scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_peak", fault.Listener).ShouldBe(9 / 8.0, "of the one that is stuck");
        FullSamples(scrape, fault.Listener).ShouldBePositive();
        ShouldDropOnlyAt(scrape, fault.Listener).ShouldBe(11 + fault.Retries);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_CLOSE_WAIT_leak(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var fault = new CloseWaitLeak(ns, accepted: 7, unaccepted: 5);
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: Fast);

        var scrape = exporter.ShouldAgreeWithTools(ns);

        scrape.Value("tcpstat_connections", ("state", "close_wait")).ShouldBe(12);
        scrape.Value("tcpstat_close_wait_unaccepted_connections").ShouldBe(5);
        scrape.ListenerValue("tcpstat_listen_queue_length", fault.Listener).ShouldBe(5);
        scrape.Samples(Drops).ShouldAllBe(sample => sample.Value == 0);
        SweptConnections(exporter, fault.Listener, "close_wait").ShouldBe(12);
    }

    [Fact]
    public void TIME_WAIT_beyond_its_limit()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: Fast);
        using var fault = new TimeWaitOverflow(ns, buckets: 10, closes: 50);

        var scrape = exporter.ShouldAgreeWithTools(ns);

        scrape.Value("tcpstat_connections", ("state", "time_wait")).ShouldBe(10);
        scrape.Value("tcpstat_sockets_time_wait").ShouldBe(10);
        scrape.Value("tcpstat_sockets_time_wait_limit").ShouldBe(10);
        scrape.Value("tcpstat_tcpext_time_wait_overflow_total").ShouldBe(40);
    }

    [Theory]
    [InlineData(false, "auto")]
    [InlineData(true, "auto")]
    [InlineData(false, "procfs")]
    public void Exhausted_ports(bool asNobody, string source)
    {
        using var ns = NetNamespace.Create();
        using var fault = new PortExhaustion(ns, ports: 10, connects: 15);
        ns.SetSysctl("net.ipv4.ip_local_reserved_ports", "40003,40007-40008");
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: [.. Fast, $"--source={source}"]);

        exporter.ShouldAgreeWithTools(ns, isProcfs: source is "procfs");
        exporter.WaitForSweep();
        var scrape = exporter.Scrape();

        scrape.Value("tcpstat_ephemeral_ports_busiest_destination_used").ShouldBe(10);
        scrape.Value("tcpstat_ephemeral_ports_busiest_destination_held").ShouldBe(10);
        scrape.Value("tcpstat_ephemeral_ports_used", ("family", "ipv4")).ShouldBe(10, "the scrape's own connection takes one of them once more");
        scrape.Value("tcpstat_ephemeral_ports_used", ("family", "ipv6")).ShouldBe(0);
        scrape.Value("tcpstat_ephemeral_ports_limit").ShouldBe(7);
        SweptConnections(exporter, fault.Destination, "established").ShouldBe(10);
        SweptConnections(exporter, fault.OtherDestination, "established").ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_state_by_netlink_and_by_procfs(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var netlink = ExporterProcess.Start(ns, asNobody, arguments: Fast);
        using var procfs = ExporterProcess.Start(ns, asNobody, arguments: [.. Fast, "--source=procfs"]);
        using var fault = new EveryState(ns);

        var byNetlink = netlink.ShouldAgreeWithTools(ns);
        var byProcfs = procfs.ShouldAgreeWithTools(ns, isProcfs: true);

        foreach (var (name, state) in Figures.StateNames)
        {
            // each exporter's listener, and the connection of its scrapes
            var own = state switch
            {
                TcpState.Listen => 2,
                TcpState.Established => 4,
                _ => 0,
            };
            byNetlink.Value("tcpstat_connections", ("state", name)).ShouldBe(fault.Expected[state] + own, name);
            byProcfs.Value("tcpstat_connections", ("state", name)).ShouldBe(fault.Expected[state] + own, name);
            byNetlink.Value("tcpstat_connections_peak", ("state", name)).ShouldBeGreaterThanOrEqualTo(fault.Expected[state] + own, name);
        }

        byNetlink.Value("tcpstat_close_wait_unaccepted_connections").ShouldBe(fault.CloseWaitUnaccepted);
        byProcfs.Value("tcpstat_close_wait_unaccepted_connections").ShouldBe(fault.CloseWaitUnaccepted);
    }

    [Fact]
    public void Every_state_under_churn()
    {
        using var ns = NetNamespace.Create();
        using var netlink = ExporterProcess.Start(ns, arguments: Fast);
        using var procfs = ExporterProcess.Start(ns, arguments: [.. Fast, "--source=procfs"]);
        using var population = new EstablishedPopulation(ns, 1000);
        using var fault = new EveryState(ns);
        netlink.ScrapeFresh();
        procfs.ScrapeFresh();
        var quiet = Ss.CountStates(ns);
        using var churn = new Churn(ns);
        Wait.Until(() => churn.Begun > 500, () => "connections come and go");

        for (var i = 0; i < 3; i++)
        {
            // it only increases, and a worker's connection passes through FIN_WAIT2
            var before = ProcNet.Sockstat(ns, "TCP", "tw") - fault.FinWait2Minisockets - churn.Workers;
            var byNetlink = netlink.ScrapeFresh();
            var byProcfs = procfs.ScrapeFresh();
            var after = ProcNet.Sockstat(ns, "TCP", "tw") - fault.FinWait2Minisockets + churn.Workers;
            churn.Begun.ShouldBeLessThan(churn.Most, "connections came and went all the time");
            ShouldBeNear(byNetlink, quiet, before, after, churn.Workers, spread: 0);

            // if the last page was so full that there might have been one more row, the kernel repeats as many of the last
            // rows as were added meanwhile
            ShouldBeNear(byProcfs, quiet, before, after, churn.Workers, spread: 1);
        }

        churn.Stop();
        netlink.ShouldAgreeWithTools(ns);
        procfs.ShouldAgreeWithTools(ns, isProcfs: true);
        netlink.Scrape().Samples("tcpstat_source_errors_total").ShouldAllBe(sample => sample.Value == 0);
    }

    /// <summary>Each state is between the count at rest and the count with the workers' connections, at both ends.</summary>
    private static void ShouldBeNear(Scrape scrape, IReadOnlyDictionary<TcpState, int> quiet, long leastTimeWait, long mostTimeWait, int workers, double spread)
    {
        foreach (var (name, state) in Figures.StateNames)
        {
            var (least, most) = state switch
            {
                TcpState.TimeWait => (leastTimeWait, mostTimeWait),
                TcpState.Listen => (quiet[state] + workers, quiet[state] + workers),

                // CurrEstab minus CLOSE_WAIT, read one after the other: a connection may enter CLOSE_WAIT in between
                TcpState.Established => (quiet[state] - workers, quiet[state] + (2L * workers)),
                _ => (quiet[state], quiet[state] + (2L * workers)),
            };
            scrape.Value("tcpstat_connections", ("state", name)).ShouldBeInRange(least * (1 - spread), most * (1 + spread), name);
        }
    }

    private static double ShouldDropOnlyAt(Scrape scrape, IPEndPoint listener)
    {
        var drops = scrape.ListenerValue(Drops, listener);
        drops.ShouldBePositive();
        scrape.Samples(Drops).Sum(sample => sample.Value).ShouldBe(drops, "no other listener drops");
        return drops;
    }

    private static double FullSamples(Scrape scrape, IPEndPoint listener) =>
        scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_count", listener)
        - scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_bucket", listener, ("le", "1"));

    private static double SweptConnections(ExporterProcess exporter, IPEndPoint listener, string state)
    {
        exporter.WaitForSweep();
        return exporter.Scrape().ListenerValue("tcpstat_listen_connections", listener, ("state", state));
    }
}
