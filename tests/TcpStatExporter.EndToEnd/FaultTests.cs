using System.Diagnostics;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Each fault is what it claims to be, according to the kernel's standard tools.</summary>
public sealed class FaultTests
{
    [Fact]
    public void A_full_accept_queue_holds_one_more_than_its_limit_and_the_rest_count_as_overflows_and_drops()
    {
        using var ns = NetNamespace.Create();
        using var idle = new AcceptQueueFull(ns, backlog: 8, clients: 0);
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        fault.StopRetries();

        var listener = Ss.Listener(ns, fault.Listener);
        (listener.ReceiveQueue, listener.SendQueue, listener.Drops).ShouldBe((9, 8, 11 + fault.Retries));
        Nstat.TcpExt(ns, "ListenOverflows", "ListenDrops").ShouldBe([11 + fault.Retries, 11 + fault.Retries]);
        var other = Ss.Listener(ns, idle.Listener);
        (other.ReceiveQueue, other.SendQueue, other.Drops).ShouldBe((0, 8, 0u));
    }

    [Fact]
    public void Refused_clients_count_again_at_each_retry()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);

        Wait.Until(() => Nstat.TcpExt(ns, "ListenDrops")[0] >= 22, () => "the clients retry");
        fault.StopRetries();

        var counters = Nstat.Read(ns);
        var drops = counters["TcpExtListenDrops"];
        counters["TcpExtListenOverflows"].ShouldBe(drops);
        Ss.Listener(ns, fault.Listener).Drops.ShouldBe((uint)drops);
        counters["TcpExtTCPSynRetrans"].ShouldBe(drops - 11);
        fault.Retries.ShouldBe((uint)drops - 11);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_backlog_of_0_still_takes_one_connection(string address)
    {
        using var ns = NetNamespace.Create();
        Assert.SkipWhen(address.Contains(':', StringComparison.Ordinal) && !ns.HasIPv6, "no IPv6");
        using var fault = new AcceptQueueFull(ns, backlog: 0, clients: 3, IPAddress.Parse(address));
        fault.StopRetries();

        var listener = Ss.Listener(ns, fault.Listener);
        (listener.ReceiveQueue, listener.SendQueue, listener.Drops).ShouldBe((1, 0, 2 + fault.Retries));
    }

    [Fact]
    public void A_full_SYN_queue_with_cookies_answers_the_rest_with_cookies_and_drops_nothing() => WhileQueued(() =>
    {
        using var ns = NetNamespace.Create();
        using var fault = new SynQueueFull(ns, syncookies: 1);

        var queued = CountSynRecv(ns, fault.Listener);
        queued.ShouldBeOneOf(fault.Backlog, fault.Backlog + 1);
        var rest = fault.Clients - queued;
        Nstat.TcpExt(ns, "SyncookiesSent", "TCPReqQFullDoCookies", "TCPReqQFullDrop", "ListenDrops", "SyncookiesFailed")
            .ShouldBe([rest, rest, 0, 0, 0]);
        Ss.Listener(ns, fault.Listener).Drops!.Value.ShouldBeGreaterThanOrEqualTo((uint)fault.Clients, "the filter dropped the ACK of each");
    });

    [Fact]
    public void A_full_SYN_queue_without_cookies_drops_the_rest() => WhileQueued(() =>
    {
        using var ns = NetNamespace.Create();
        using var fault = new SynQueueFull(ns, syncookies: 0);
        fault.StopRetries();

        var queued = CountSynRecv(ns, fault.Listener);
        queued.ShouldBeOneOf(fault.Backlog, fault.Backlog + 1);
        var rest = fault.Clients - queued;
        Nstat.TcpExt(ns, "SyncookiesSent", "TCPReqQFullDoCookies", "TCPReqQFullDrop", "ListenDrops", "ListenOverflows")
            .ShouldBe([0, 0, rest + fault.Retries, rest + fault.Retries, 0]);
        Ss.Listener(ns, fault.Listener).Drops!.Value.ShouldBeGreaterThanOrEqualTo((uint)fault.Clients, "of each the SYN was dropped, or by the filter the ACK");
    });

    [Fact]
    public void With_cookies_always_every_SYN_is_answered_with_one_and_none_is_queued()
    {
        using var ns = NetNamespace.Create();
        using var fault = new SynQueueFull(ns, syncookies: 2);

        CountSynRecv(ns, fault.Listener).ShouldBe(0);
        Nstat.TcpExt(ns, "SyncookiesSent", "TCPReqQFullDoCookies", "ListenDrops").ShouldBe([60, 60, 0]);
    }

    [Fact]
    public void A_flood_fills_the_SYN_queue_and_ACKs_without_a_handshake_count_as_failed_cookies() => WhileQueued(() =>
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "1");
        using var fault = new SynFlood(server, attacker, backlog: 128, syns: 2000);

        var queued = CountSynRecv(server, fault.Listener);
        queued.ShouldBeOneOf(fault.Backlog, fault.Backlog + 1);
        Nstat.TcpExt(server, "SyncookiesSent", "TCPReqQFullDoCookies", "ListenDrops", "SyncookiesFailed")
            .ShouldBe([2000 - queued, 2000 - queued, 0, 0]);

        fault.SendBadCookies(25);
        Nstat.TcpExt(server, "SyncookiesFailed", "SyncookiesRecv").ShouldBe([25, 0]);
        Ss.Listener(server, fault.Listener).Drops.ShouldBe(0u);
    });

    [Fact]
    public void A_flood_without_cookies_causes_drops_only_at_the_listener() => WhileQueued(() =>
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        using var idle = new AcceptQueueFull(server, clients: 0);
        server.SetSysctl("net.ipv4.tcp_syncookies", "0");
        using var fault = new SynFlood(server, attacker, backlog: 128, syns: 2000);

        var queued = CountSynRecv(server, fault.Listener);
        queued.ShouldBeOneOf(fault.Backlog, fault.Backlog + 1);
        var rest = 2000 - queued;
        Nstat.TcpExt(server, "TCPReqQFullDrop", "ListenDrops", "ListenOverflows", "SyncookiesSent").ShouldBe([rest, rest, 0, 0]);
        Ss.Listener(server, fault.Listener).Drops.ShouldBe((uint)rest);
        Ss.Listener(server, idle.Listener).Drops.ShouldBe(0u);
    });

    [Fact]
    public void Without_an_overflow_an_ACK_without_a_handshake_is_not_a_failed_cookie()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        using var fault = new SynFlood(server, attacker, backlog: 128, syns: 0);

        fault.SendBadCookies(25);

        Nstat.TcpExt(server, "SyncookiesFailed").ShouldBe([0]);
    }

    [Fact]
    public void Without_cookies_three_quarters_of_tcp_max_syn_backlog_limit_the_SYN_queue_and_only_ListenDrops_shows_it() => WhileQueued(() =>
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "0");
        server.SetSysctl("net.ipv4.tcp_max_syn_backlog", "2048");
        using var fault = new SynFlood(server, attacker, backlog: 4096, syns: 2000);

        CountSynRecv(server, fault.Listener).ShouldBe(1537);
        Nstat.TcpExt(server, "ListenDrops", "TCPReqQFullDrop", "TCPReqQFullDoCookies", "ListenOverflows").ShouldBe([463, 0, 0, 0]);
        Ss.Listener(server, fault.Listener).Drops.ShouldBe(463u);
    });

    [Fact]
    public void TIME_WAIT_beyond_its_limit_overflows()
    {
        using var ns = NetNamespace.Create();
        using var fault = new TimeWaitOverflow(ns, buckets: 10, closes: 50);

        Ss.CountStates(ns)[TcpState.TimeWait].ShouldBe(10);
        ProcNet.Sockstat(ns, "TCP", "tw").ShouldBe(10);
        Nstat.TcpExt(ns, "TCPTimeWaitOverflow").ShouldBe([40]);
    }

    [Fact]
    public void A_CLOSE_WAIT_leak_shows_only_in_states_and_the_inode_distinguishes_accepted_from_unaccepted()
    {
        using var ns = NetNamespace.Create();
        using var fault = new CloseWaitLeak(ns, accepted: 7, unaccepted: 5);

        var leaked = Ss.Sockets(ns).Where(socket => socket.State == TcpState.CloseWait).ToArray();
        leaked.Count(socket => socket.Inode != 0).ShouldBe(7);
        leaked.Count(socket => socket.Inode == 0).ShouldBe(5);
        Ss.Listener(ns, fault.Listener).ReceiveQueue.ShouldBe(5);
        ProcNet.Sockstat(ns, "TCP", "tw").ShouldBe(12, "FIN_WAIT2 minisockets of the clients");
        Nstat.TcpExt(ns, "ListenDrops", "ListenOverflows", "TCPAbortOnClose", "TCPAbortOnData").ShouldBe([0, 0, 0, 0]);
    }

    [Fact]
    public void Without_free_ports_one_destination_fails_and_another_works()
    {
        using var ns = NetNamespace.Create();
        using var fault = new PortExhaustion(ns, ports: 10, connects: 15);

        (fault.Connected, fault.Refused).ShouldBe((10, 5));
        using var elsewhere = ns.Run(() => KernelSocket.Connected(fault.OtherDestination));
        elsewhere.State.ShouldBe(TcpState.Established);
        Ss.Sockets(ns)
            .Where(socket => socket.State == TcpState.Established && socket.RemotePort == fault.Destination.Port)
            .Select(socket => socket.LocalPort)
            .Order()
            .ShouldBe(Enumerable.Range(40000, 10));
    }

    [Fact]
    public void One_full_socket_of_a_group_drops_while_the_others_are_idle()
    {
        using var ns = NetNamespace.Create();
        using var fault = new OneFullOfGroup(ns, sockets: 4, backlog: 8, clients: 20);
        fault.StopRetries();

        var group = Ss.Listeners(ns).Where(socket => socket.IsAt(fault.Listener)).ToArray();
        group.Length.ShouldBe(4);
        group.ShouldAllBe(socket => socket.SendQueue == 8);
        group.Select(socket => socket.ReceiveQueue).Order().ShouldBe([0, 0, 0, 9]);
        group.Select(socket => socket.Drops!.Value).Order().ShouldBe([0u, 0u, 0u, 11 + fault.Retries]);

        fault.CloseFull();
        group = [.. Ss.Listeners(ns).Where(socket => socket.IsAt(fault.Listener))];
        group.Length.ShouldBe(3);
        Nstat.TcpExt(ns, "ListenDrops").ShouldBe([11 + fault.Retries]);
    }

    [Fact]
    public void Orphans_are_in_FIN_WAIT1_and_count_host_wide()
    {
        using var ns = NetNamespace.Create();
        using var fault = new Orphans(ns, 12);

        var orphans = Ss.Sockets(ns).Where(socket => socket.State == TcpState.FinWait1).ToArray();
        orphans.Length.ShouldBe(12);
        orphans.ShouldAllBe(socket => socket.Inode == 0);
        ProcNet.Sockstat(ns, "TCP", "orphan").ShouldBeGreaterThanOrEqualTo(12);
    }

    [Fact]
    public void Closing_with_unread_data_sends_a_reset()
    {
        using var ns = NetNamespace.Create();
        using var fault = new ResetsWithUnreadData(ns, 9);

        var counters = Nstat.Read(ns);
        counters["TcpExtTCPAbortOnClose"].ShouldBe(9);
        counters["TcpOutRsts"].ShouldBe(9);
        counters["TcpEstabResets"].ShouldBe(18);
    }

    [Fact]
    public void Lost_data_is_retransmitted_until_it_arrives()
    {
        using var ns = NetNamespace.Create();
        using var fault = new Retransmissions(ns, 6);

        Wait.Until(() => Nstat.TcpExt(ns, "TCPTimeouts")[0] >= 6, () => "each connection times out once");
        Ss.CountStates(ns)[TcpState.Established].ShouldBe(12);
        fault.Heal();

        var healed = Nstat.Read(ns)["TcpRetransSegs"];
        healed.ShouldBeGreaterThanOrEqualTo(6);
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Nstat.Read(ns)["TcpRetransSegs"].ShouldBe(healed);
    }

    [Fact]
    public void Every_lasting_state_exists_and_all_sources_agree()
    {
        using var ns = NetNamespace.Create();
        using var fault = new EveryState(ns);

        foreach (var state in fault.Expected.Keys.Where(state => state != TcpState.Close))
        {
            fault.Expected[state].ShouldBePositive($"{state}");
        }

        Ss.CountStates(ns).ShouldBe(fault.Expected, ignoreOrder: true);
        ProcNet.CountStates(ns).ShouldBe(fault.Expected, ignoreOrder: true);
        ProcNet.Sockstat(ns, "TCP", "tw").ShouldBe(fault.Expected[TcpState.TimeWait] + fault.FinWait2Minisockets);
        ProcNet.Counter(ns, "snmp", "Tcp", "CurrEstab").ShouldBe(fault.Expected[TcpState.Established] + fault.Expected[TcpState.CloseWait]);

        var sockets = Ss.Sockets(ns);
        sockets.Count(socket => socket.State == TcpState.CloseWait && socket.Inode == 0).ShouldBe(fault.CloseWaitUnaccepted);
        sockets.Count(socket => socket.State == TcpState.Established && socket.Inode == 0).ShouldBe(fault.EstablishedUnaccepted);
        var fullSockets = ProcNet.Sockstat(ns, "TCP", "inuse") + ProcNet.Sockstat(ns, "TCP6", "inuse");
        fullSockets.ShouldBe(sockets.Count - fault.Requests - fault.FinWait2Minisockets - fault.Expected[TcpState.TimeWait]);
    }

    [Fact]
    public void Thousands_of_connections_are_counted_at_both_ends()
    {
        using var ns = NetNamespace.Create();
        using var population = new EstablishedPopulation(ns, 5000);

        ProcNet.Counter(ns, "snmp", "Tcp", "CurrEstab").ShouldBe(10_000);
        ProcNet.CountStates(ns)[TcpState.Established].ShouldBe(10_000);
    }

    [Fact]
    public void Impatient_clients_are_dropped_again_in_each_round()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 0);
        using var crowd = new ImpatientClients(ns, fault.Listener);

        crowd.Come(20);
        crowd.Come(20);
        crowd.Come(0);

        Ss.Listener(ns, fault.Listener).Drops!.Value.ShouldBeGreaterThanOrEqualTo(31u);
        Ss.CountStates(ns)[TcpState.SynSent].ShouldBe(0);
        fault.Drain(9);
        Ss.Listener(ns, fault.Listener).ReceiveQueue.ShouldBe(0);
    }

    [Fact]
    public void A_leak_continues()
    {
        using var ns = NetNamespace.Create();
        using var fault = new CloseWaitLeak(ns, accepted: 3, unaccepted: 0);

        fault.Leak(4);

        Ss.Sockets(ns).Count(socket => socket.State == TcpState.CloseWait && socket.Inode != 0).ShouldBe(7);
    }

    [Fact]
    public void Clients_that_leave_a_queue_with_room_fill_it_and_are_not_dropped()
    {
        using var ns = NetNamespace.Create();
        using var fault = new DepartedClients(ns, clients: 20, backlog: 128);

        Ss.Sockets(ns).Count(socket => socket.State == TcpState.CloseWait && socket.Inode == 0).ShouldBe(20);
        Nstat.TcpExt(ns, "ListenDrops").ShouldBe([0]);
    }

    [Fact]
    public void Refused_connects_fail()
    {
        using var ns = NetNamespace.Create();
        using var fault = new RefusedConnects(ns);

        fault.Try(7);

        var counters = Nstat.Read(ns);
        counters["TcpAttemptFails"].ShouldBe(7);
        counters["TcpActiveOpens"].ShouldBe(7);
    }

    [Fact]
    public void Lossy_receivers_cause_retransmissions_mostly_without_timeouts()
    {
        using var ns = NetNamespace.Create();
        using var fault = new LossyReceivers(ns, streams: 4, loss: 1.0 / 6);

        for (var i = 0; i < 10; i++)
        {
            fault.Send(20);
        }

        var counters = Nstat.Read(ns);
        counters["TcpRetransSegs"].ShouldBeGreaterThan(40);
        counters["TcpExtTCPTimeouts"].ShouldBeLessThan(counters["TcpRetransSegs"] / 2);
    }

    [Fact]
    public void Overrun_receivers_drop_segments()
    {
        using var ns = NetNamespace.Create();
        using var fault = new ReceiveQueueOverrun(ns);

        fault.Overrun(10);

        Wait.Until(() => Nstat.TcpExt(ns, "TCPRcvQDrop", "RcvPruned").Min() >= 10, () => "each connection drops");
    }

    [Fact]
    public void Buffered_data_counts_as_host_memory()
    {
        using var ns = NetNamespace.Create();
        var before = ProcNet.Sockstat(ns, "TCP", "mem");
        using var fault = new BufferedData(ns, bytes: 64 << 20);

        // other work on this host may free some memory meanwhile
        ProcNet.Sockstat(ns, "TCP", "mem").ShouldBeGreaterThan(before + ((48 << 20) / Environment.SystemPageSize));
        Nstat.TcpExt(ns, "TCPMemoryPressures").ShouldBe([0]);
    }

    [Fact]
    public void Ordinary_connections_increment_no_problem_counter()
    {
        string[] trouble =
        [
            "TcpRetransSegs", "TcpEstabResets", "TcpOutRsts", "TcpAttemptFails", "TcpExtListenDrops", "TcpExtTCPTimeouts",
            "TcpExtTCPAbortOnData", "TcpExtTCPAbortOnClose", "TcpExtTCPTimeWaitOverflow",
        ];
        var moved = trouble;

        // on a slow machine, something may be retransmitted once
        for (var i = 0; i < 3 && moved.Length > 0; i++)
        {
            using var ns = NetNamespace.Create();
            using var connections = new OrdinaryConnections(ns, 20);

            var counters = Nstat.Read(ns);
            counters["TcpPassiveOpens"].ShouldBe(20);
            moved = Array.FindAll(trouble, name => counters[name] != 0);
        }

        moved.ShouldBeEmpty();
    }

    [Fact]
    public void Sockets_of_a_service_name_it_as_their_owner()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("shop");
        Assert.SkipWhen(unit.Name.Length == 0, "no cgroup2 hierarchy can be written");
        using var inside = unit.Run(() => new AcceptQueueFull(ns, clients: 0));
        using var outside = new AcceptQueueFull(ns, clients: 0);

        Ss.Listener(ns, inside.Listener).Cgroup.ShouldNotBeNull().ShouldEndWith("/shop.service");
        Ss.Listener(ns, outside.Listener).Cgroup.ShouldNotBe(Ss.Listener(ns, inside.Listener).Cgroup, StringComparer.Ordinal);
    }

    /// <summary>
    /// Creates queued requests and runs a test on them. Starts again if the test failed and took so long that the kernel may
    /// have dropped half of the requests meanwhile.
    /// </summary>
    /// <param name="test">The test.</param>
    private static void WhileQueued(Action test)
    {
        for (var tries = 1; ; tries++)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                test();
                return;
            }
            catch (ShouldAssertException) when (tries < 5 && Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(6.5))
            {
                // too late
            }
        }
    }

    private static int CountSynRecv(NetNamespace ns, IPEndPoint listener) =>
        Ss.Sockets(ns).Count(socket => socket.State == TcpState.SynRecv && socket.IsAt(listener));
}
