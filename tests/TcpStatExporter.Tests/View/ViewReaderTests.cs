using System.Text;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.View;
using TcpStatExporter.Web.Page;
using Xunit;

namespace TcpStatExporter.Tests.View;

public sealed class ViewReaderTests
{
    private readonly WatchedHost _host = new();

    [Fact]
    public void States_have_their_number_peak_and_recent_past()
    {
        for (var i = 1; i <= 3; i++)
        {
            var count = i;
            _host.Tick(sample =>
            {
                sample.Kernel.States[TcpState.FinWait2] = count;
                sample.StatePeaks[TcpState.FinWait2] = 9;
            });
        }

        var view = _host.View;
        var state = view.States!.Single(state => state.State == TcpState.FinWait2);
        state.Name.ShouldBe("FIN_WAIT2");
        (state.Now, state.Peak).ShouldBe((3, 9));
        state.History.ShouldBe([1, 2, 3]);
        view.HistoryTimes.ShouldBe([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), TimeSpan.Zero]);
        view.States!.Select(state => state.State).ShouldBe(FakeHost.States, ignoreOrder: true);
        (view.Host, view.Watched).ShouldBe(("db-7", TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void Values_of_failed_sources_are_unknown_and_not_zero()
    {
        _host.Listen("0.0.0.0", 80);
        _host.Tick().Tick(sample =>
        {
            for (var id = SourceId.Sockets; id <= SourceId.Sysctl; id++)
            {
                sample.Kernel[id] = ReadResult.Failed(SourceError.PermissionDenied);
            }
        });

        var view = _host.View;
        view.States.ShouldBeNull();
        view.Listeners.ShouldBeNull();
        view.Counters.ShouldBeNull();
        view.Findings.ShouldBeEmpty();
        view.CloseWaitUnaccepted.ShouldBeNull();
        view.Limits.ShouldBeEmpty();
        (view.Established.Now, view.Established.Peak).ShouldBe((null, null));
        view.Established.History.ShouldBe([0, null]);
        view.Lost.Now.ShouldBeNull();
        view.WorstFill.Now.ShouldBeNull();
        view[SourceId.Sockets].ShouldBe(new SourceView("sockets", "procfs", ReadResult.Failed(SourceError.PermissionDenied)));
        view.Verdict.ShouldBe(new Verdict(VerdictLevel.Unknown, "Nothing found, but not everything could be read: sockets, listeners, snmp, netstat, sockstat, sysctl", ""));
    }

    [Fact]
    public void What_procfs_does_not_report_about_a_listener_is_unknown()
    {
        var web = _host.Listen("0.0.0.0", 80);
        _host.Sample.Listeners[web].HasLimit = false;
        _host.Sample.Listeners[web].HasDrops = false;
        var view = _host.Tick().Tick(sample => sample.Kernel[SourceId.Sockets] = default).View;
        var listener = view.Listeners.ShouldHaveSingleItem();
        (listener.QueueLimit, listener.Fill, listener.FillPeak).ShouldBe((null, null, null));
        (listener.Lost, listener.LostPerSecond, listener.SinceLastLoss).ShouldBe((null, null, null));
        (listener.Drops, listener.DropsPerSecond, listener.SinceLastDrop).ShouldBe((null, null, null));
        (listener.SynQueue, listener.SynQueuePeak).ShouldBe((null, null));
        listener.Connections.ShouldBeNull("no sweep was made");
    }

    [Fact]
    public void An_unknown_limit_leaves_the_verdict_open()
    {
        var web = _host.Listen("0.0.0.0", 80);
        _host.Sample.Listeners[web].HasLimit = false;
        _host.Tick().Tick().View.Verdict.ShouldBe(new Verdict(VerdictLevel.Unknown, "Nothing found, but not everything could be read: how full accept queues are", ""));
    }

    [Fact]
    public void A_listener_that_loses_connections_is_first_and_named_by_the_verdict()
    {
        _host.Listen("10.0.0.5", 22, "sshd.service");
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        _host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 4)).Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 2));
        var view = _host.View;
        view.Verdict.ShouldBe(new Verdict(VerdictLevel.Critical, "0.0.0.0:8080 (web.service) is losing connections", ""));
        var first = view.Listeners![0];
        (first.Endpoint, first.Identity.Unit, first.Condition).ShouldBe(("0.0.0.0:8080", "web.service", ListenerCondition.Losing));
        (first.Queue, first.QueueLimit, first.QueuePeak, first.Fill).ShouldBe((9, 8, 9, 1.125));
        (first.Lost, first.LostPerSecond, first.SinceLastLoss).ShouldBe((new LossCounts(6, 0, 0), 3.0, TimeSpan.Zero));
        (first.Drops, first.DropsPerSecond, first.SinceLastDrop).ShouldBe((6UL, 3.0, TimeSpan.Zero));
        view.RateWindow.ShouldBe(TimeSpan.FromSeconds(2));
        view.Lost.History.ShouldBe([null, 4, 2]);
        (view.Lost.Now, view.Lost.Peak).ShouldBe((3, 4));
        view.WorstFill.History.ShouldBe([0, 1.125, 1.125]);
        view.WorstFill.Now.ShouldBe(1.125);
        view.Listeners[1].Condition.ShouldBe(ListenerCondition.None);
    }

    /// <summary>
    /// A deferred accept, the reset of a health check, a socket filter: packets are discarded, but nobody loses anything.
    /// </summary>
    [Fact]
    public void What_a_listener_discards_is_shown_but_is_not_a_loss()
    {
        var web = _host.Listen("0.0.0.0", 8080);
        var view = _host.Tick().Tick(sample => sample.Listeners[web].Drops += 50).View;
        view.Verdict.ShouldBe(new Verdict(VerdictLevel.Good, "Nothing to worry about", ""));
        var listener = view.Listeners![0];
        (listener.Condition, listener.DropsPerSecond, listener.SinceLastDrop, listener.LostPerSecond).ShouldBe((ListenerCondition.None, 50, TimeSpan.Zero, 0));
        _host.Tick().Tick().View.Listeners![0].SinceLastDrop.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_closed_listener_keeps_its_name_and_its_losses()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        _host.Listen("0.0.0.0", 22, "ssh.service");
        _host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 40));
        _host.Close(web, TimeSpan.FromHours(2));
        var view = _host.Tick(seconds: 4).View;
        view.Listeners.ShouldHaveSingleItem().Identity.Port.ShouldBe((ushort)22);
        var closed = view.Closed.ShouldHaveSingleItem();
        (closed.Endpoint, closed.Ago, closed.Lost, closed.Condition).ShouldBe(("0.0.0.0:8080", TimeSpan.FromSeconds(4), 40UL, ListenerCondition.Losing));
        view.Verdict.ShouldBe(new Verdict(VerdictLevel.Critical, "0.0.0.0:8080 (web.service) is losing connections", ""));
        view.Findings![0].Finding.Measured[0].ShouldBe("0.0.0.0:8080 (web.service): lost 40 in 5 s; stopped listening 4 s ago");
    }

    [Fact]
    public void Listeners_with_problems_come_first()
    {
        var calm = _host.Listen("10.0.0.1", 1);
        var filling = _host.Listen("10.0.0.1", 2, limit: 10);
        var full = _host.Listen("10.0.0.1", 3, limit: 10);
        var lost = _host.Listen("10.0.0.1", 4, limit: 10);
        var losing = _host.Listen("10.0.0.1", 5, limit: 10);
        _host.Tick().Tick(sample => WatchedHost.Queue(sample, lost, 11, lost: 1000)).Tick(seconds: 20).Tick(seconds: 2);
        _host.Tick(sample =>
        {
            WatchedHost.Queue(sample, lost, 0);
            WatchedHost.Queue(sample, filling, 10);
            WatchedHost.Queue(sample, full, 11);
            WatchedHost.Queue(sample, losing, 11, lost: 3);
        });
        _host.View.Listeners!.Select(listener => ((int)listener.Identity.Port - 1, listener.Condition)).ShouldBe(
        [
            (losing, ListenerCondition.Losing), (full, ListenerCondition.Full), (lost, ListenerCondition.LostLately),
            (filling, ListenerCondition.Filling), (calm, ListenerCondition.None),
        ]);
    }

    [Fact]
    public void Increasing_counters_are_shown_by_rate_with_losses_first()
    {
        _host.Tick();
        for (var i = 0; i < 4; i++)
        {
            _host.Tick(sample =>
            {
                sample.Kernel.Snmp.Values[0] += 5;
                WatchedHost.Add(sample.Kernel.Snmp, "PassiveOpens", 10);
                WatchedHost.Add(sample.Kernel.Netstat, "ListenOverflows", 3);
            });
        }

        var counters = _host.View.Counters!;
        counters.Select(counter => (counter.Name, counter.PerSecond, counter.SinceBoot, counter.IsLoss)).ShouldBe(
            [("TcpExtListenOverflows", 3, 12UL, true), ("TcpPassiveOpens", 10, 40UL, false)]);
        counters[0].Help.ShouldStartWith("SYNs and handshake-completing ACKs dropped");
    }

    [Fact]
    public void Destinations_are_null_before_two_sweeps_have_told_of_them()
    {
        _host.Tick().View.Peers.ShouldBeNull();
        _host.Swept(sweep => sweep.Peers.Add(new PeerTraffic { Peer = new PeerName("192.0.2.1") })).View.Peers.ShouldBeNull();
        _host.Swept(sweep =>
        {
            sweep.TrafficTime = TimeSpan.FromSeconds(6);
            sweep.Peers.Add(new PeerTraffic { Peer = new PeerName("10.0.0.2:5432"), Traffic = new Traffic(100_000, 25_000), Connections = 3, RoundTripSeconds = 0.0001234 });
            sweep.Peers.Add(new PeerTraffic { Peer = new PeerName("192.0.2.1"), Traffic = new Traffic(100, 1), Connections = 1, RoundTripSeconds = double.NaN });
        });
        _host.View.PeersTime.ShouldBe(TimeSpan.FromSeconds(6));
        _host.View.Peers.ShouldBe(
        [
            new PeerView("10.0.0.2:5432", 3, 100_000, 25_000, 0.25, 0.0001234, IsInTrouble: true),
            new PeerView("192.0.2.1", 1, 100, 1, 0.01, null, IsInTrouble: false),
        ]);
        using var json = System.Text.Json.JsonDocument.Parse(ViewJson.Write(_host.View, isIndented: false));
        json.RootElement.GetProperty("destinations_seconds").GetDouble().ShouldBe(6);
        json.RootElement.GetProperty("destinations")[0].GetRawText().ShouldBe(
            """{"destination":"10.0.0.2:5432","connections":3,"sent_bytes":100000,"retransmitted_bytes":25000,"retransmitted_ratio":0.25,"round_trip_seconds":0.000123}""");
        json.RootElement.GetProperty("destinations")[1].GetProperty("round_trip_seconds").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public void Limits_are_shown_as_far_as_they_are_known()
    {
        var page = Environment.SystemPageSize;
        _host.Sample.Kernel.Sockstat = new SockstatCounts { TcpTimeWait = 100 };
        _host.Sample.Host.Sockets = new HostSockets { Orphans = 5, MemoryPages = 30 };
        _host.Sample.Kernel.Sysctls[Sysctl.TcpMaxTwBuckets] = new SysctlValue { Count = 1, First = 400 };
        _host.Sample.Parameter(Sysctl.TcpMem) = new SysctlValue { Count = 3, First = 10, Second = 20, Third = 40 };
        _host.Tick().Swept(sweep =>
        {
            (sweep.PortsUsedIPv4, sweep.PortsUsedIPv6, sweep.PortsLimit, sweep.BusiestPortsUsed) = (90, 20, 100, 80);
            sweep.Busiest = new Destination(Listeners.Ip("10.0.0.1"), Listeners.Ip("10.0.0.2"), 5432);
        });
        _host.View.Limits.ShouldBe(
        [
            new LimitView(LimitKind.EphemeralPorts, "ephemeral ports", 90, 100, "net.ipv4.ip_local_port_range", "IPv4 90, IPv6 20"),
            new LimitView(LimitKind.BusiestDestination, "ports to one destination", 80, 100, "net.ipv4.ip_local_port_range", "10.0.0.2:5432 from 10.0.0.1"),
            new LimitView(LimitKind.TimeWait, "TIME_WAIT", 100, 400, "net.ipv4.tcp_max_tw_buckets", ""),
            new LimitView(LimitKind.Memory, "TCP memory", 30 * page, 40 * page, "net.ipv4.tcp_mem", "pressure at 0 MiB"),
            new LimitView(LimitKind.Orphans, "orphans", 5, null, "net.ipv4.tcp_max_orphans", ""),
        ]);
        _host.View.Limits.Select(limit => limit.Ratio).ShouldBe([0.9, 0.8, 0.25, 0.75, null]);
    }

    [Fact]
    public void Other_queues_are_shown_if_they_are_not_empty()
    {
        foreach (var id in new[] { SourceId.Conntrack, SourceId.Udp, SourceId.Sysctl })
        {
            _host.Sample.Kernel[id] = ReadResult.Ok;
        }

        _host.Sample.Kernel[SourceId.Sockstat] = ReadResult.Failed(SourceError.Io);
        _host.Sample.Parameter(Sysctl.NfConntrackMax) = new SysctlValue { Count = 1, First = 400 };
        _host.Sample.Kernel.Conntrack.HasEntries = true;
        var identity = new ListenerIdentity(Listeners.Ip("10.0.0.1"), 53, "unbound.service");
        _host.Sample.UdpReceivers.Add(new UdpSample { Identity = identity, LimitBytes = 1000 });
        _host.Tick().View.Limits.ShouldBeEmpty();

        _host.Sample.Kernel.Conntrack.Entries = 100;
        _host.Sample.UdpReceivers[0] = new UdpSample { Identity = identity, LimitBytes = 1000, QueueBytes = 250, Drops = 1234 };
        _host.Tick().View.Limits.ShouldBe(
        [
            new LimitView(LimitKind.Conntrack, "connection tracking", 100, 400, "net.netfilter.nf_conntrack_max", ""),
            new LimitView(LimitKind.UdpReceiver, "UDP receive queue", 250, 1000, "SO_RCVBUF", "10.0.0.1:53 (unbound.service), 1,234 dropped"),
        ]);

        // no limit, and a socket from procfs, which does not report one
        _host.Sample.Parameter(Sysctl.NfConntrackMax) = new SysctlValue { Count = 1, First = 0 };
        _host.Sample.UdpReceivers[0] = new UdpSample { Identity = identity, QueueBytes = 250 };
        _host.Tick().View.Limits.Select(limit => (limit.Used, limit.Limit)).ShouldBe([(100L, (long?)null), (250L, null)]);
    }

    [Fact]
    public void The_fullest_unix_listener_is_a_limit_once_something_was_in_its_queue()
    {
        _host.Sample.Kernel[SourceId.Unix] = ReadResult.Ok;
        _host.Sample.UnixListeners.Add(WatchedHost.Unix("/run/a.sock", "a.service", length: 0, peak: 0));
        var view = _host.Tick().View;
        Limits(view).ShouldBeEmpty();
        view.UnixListeners!.Single().Identity.Path.ShouldBe("/run/a.sock");

        _host.Sample.UnixListeners.Add(WatchedHost.Unix("/run/php.sock", "php8.2-fpm.service", length: 3, peak: 9));
        Limits(_host.Tick().View).ShouldBe([new LimitView(LimitKind.UnixListener, "AF_UNIX accept queue", 3, 8, "listen(2)", "/run/php.sock (php8.2-fpm.service), peak 9")]);

        _host.Sample.Kernel[SourceId.Unix] = ReadResult.Absent;
        view = _host.Tick().View;
        Limits(view).ShouldBeEmpty();
        view.UnixListeners.ShouldBeNull();

        static IEnumerable<LimitView> Limits(HostView view) => view.Limits.Where(limit => limit.Kind == LimitKind.UnixListener);
    }

    [Fact]
    public void Counters_of_other_queues_are_shown_too()
    {
        _host.Sample.Kernel[SourceId.Conntrack] = ReadResult.Ok;
        _host.Sample.Kernel.Conntrack.HasStatistics = true;
        _host.Sample.Host.Status(HostSourceId.Softnet) = ReadResult.Ok;
        _host.Sample.Kernel.UdpCounters.SetNames(["RcvbufErrors", "InDatagrams"]);
        _host.Sample.Kernel.Udp6Counters.SetNames(["MemErrors"]);
        _host.Sample.Kernel.Mptcp.SetNames(["DssFallback"]);
        for (var i = 0; i < 5; i++)
        {
            _host.Tick(sample =>
            {
                WatchedHost.Add(sample.Kernel.UdpCounters, "RcvbufErrors", 2);
                WatchedHost.Add(sample.Kernel.UdpCounters, "InDatagrams", 2);
                WatchedHost.Add(sample.Kernel.Udp6Counters, "MemErrors", 3);
                WatchedHost.Add(sample.Kernel.Mptcp, "DssFallback", 4);
                sample.Kernel.Conntrack.Statistics.Dropped += 5;
                sample.Host.Machine.Softnet.Squeezed += 6;
            });
        }

        _host.View.Counters!.Select(counter => (counter.Name, counter.PerSecond, counter.SinceBoot, counter.IsLoss)).ShouldBe(
        [
            ("UdpRcvbufErrors", 2, 10UL, true), ("Udp6MemErrors", 3, 15UL, true), ("nf_conntrack drop", 5, 25UL, true),
            ("MPTcpExtDssFallback", 4, 20UL, false), ("softnet_stat time_squeeze", 6, 30UL, false),
        ]);
    }

    [Fact]
    public void Connections_of_a_listener_come_from_the_sweep()
    {
        _host.Listen("0.0.0.0", 8080);
        _host.Tick().Swept(sweep =>
        {
            var row = new SweepListener { Identity = _host.Sample.Listeners[0].Identity };
            row.Connections[TcpState.Established] = 12;
            sweep.Listeners.Add(row);
        });
        _host.View.Listeners![0].Connections!.Value[TcpState.Established].ShouldBe(12);
    }

    [Fact]
    public void Findings_are_shown_and_counted_once()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        _host.Sample.Kernel.Sysctls[Sysctl.TcpSyncookies] = new SysctlValue { Count = 1, First = 0 };
        _host.Swept(sweep => (sweep.PortsLimit, sweep.Scarcest) = (100, new DestinationPorts(default, 100, 0, 100)));
        _host.Tick();
        _host.View.Findings.ShouldBeNull();
        var view = _host.Tick().View;
        view.Verdict.Level.ShouldBe(VerdictLevel.Critical);
        view.Verdict.Text.ShouldBe(view.Findings![0].Finding.Title);
        view.Verdict.Also.ShouldBe("plus 1 warning");
        view.Findings.Select(found => found.Rule.Id).ShouldBe(["ports-exhausted", "syncookies-off"]);

        _host.Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 3)).View.Verdict
            .ShouldBe(new Verdict(VerdictLevel.Critical, "0.0.0.0:8080 (web.service) is losing connections", "plus 1 critical and 1 warning"));
    }

    [Fact]
    public void A_quiet_host_is_reported_as_quiet()
    {
        _host.View.Verdict.ShouldBe(new Verdict(VerdictLevel.Unknown, "Just started: no verdict yet", ""));
        _host.Listen("0.0.0.0", 8080);
        _host.Tick().Tick().View.Verdict.ShouldBe(new Verdict(VerdictLevel.Good, "Nothing to worry about", ""));
        _host.Tick(sample => sample.Kernel.Sysctls[Sysctl.TcpFinTimeout] = new SysctlValue { Count = 1, First = 10 }).View.Verdict
            .ShouldBe(new Verdict(VerdictLevel.Good, "Nothing to worry about", "1 remark"));
    }

    /// <summary>Counting a million sockets every second is too expensive, so the reader has to know the age.</summary>
    [Fact]
    public void The_age_of_old_states_is_shown()
    {
        _host.Tick().Tick().View.StatesAge.ShouldBe(TimeSpan.Zero);
        var view = _host.Tick(sample => sample.StatesAge = TimeSpan.FromSeconds(7)).View;
        view.StatesAge.ShouldBe(TimeSpan.FromSeconds(7));
        Encoding.UTF8.GetString(new HostPage("/metrics").Write(view)).ShouldContain("counted 7 s ago");
        _host.Tick(sample => sample.Kernel[SourceId.Sockets] = default).View.StatesAge.ShouldBeNull();
    }
}
