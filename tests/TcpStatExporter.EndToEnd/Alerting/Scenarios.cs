using System.Diagnostics;
using System.Globalization;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Namespaces;
using TcpStatExporter.EndToEnd.Truth;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>The table of faults, of what only looks like one, and of the alerts that each must raise.</summary>
internal static class Scenarios
{
    private const string Page = "critical";
    private const string Warning = "warning";
    private const string Info = "info";

    private const int Backlog = 8;

    // short ids of containers
    private const string PodA = "a1b2c3d4e5f6";
    private const string PodB = "b1b2c3d4e5f6";
    private const string PodC = "c1b2c3d4e5f6";

    /// <summary>Each fault has its own alert.</summary>
    public static IReadOnlyList<Scenario> Faults { get; } =
    [
        new("accept-queue-full", "accept queue full, clients refused", host => Refusing(host, clients: 20))
        {
            Expected = [new("TcpListenerDroppingConnections", Page) { NamesListener = true }],
        },
        new("accept-queue-own-clients", "accept queue full, clients on the same host wait", OwnClients)
        {
            Evidence = "max_over_time(instance:tcpstat_syn_sent:mean5m[10m]) > 0.8 and ignoring (destination, unit, local) max_over_time(tcpstat_syn_sent_destination_connections{local=\"true\"}[10m]) >= 5",
            Lasts = true,
            Expected = [new("TcpListenerDroppingConnections", Page) { NamesListener = true }],
        },
        new("accept-queue-burst", "accept queue full for one second", Burst)
        {
            Expected = [new("TcpListenerDroppingConnections", Page) { NamesListener = true }],
        },
        new("accept-queue-hidden", "accept queue full at a listener without series", host => Refusing(host, clients: 20))
        {
            Arguments = ["--listeners.include=:10006"],
            Expected = [new("TcpAcceptQueueOverflow", Page)],
        },
        new("accept-queue-filling", "accept queue at its limit, nobody refused", host => Refusing(host, clients: 0, waiting: 8))
        {
            Expected = [new("TcpAcceptQueueFilling", Warning) { NamesListener = true }],
        },
        new("accept-queue-wait", "accept queue half full, nobody accepts", host => Refusing(host, clients: 0, waiting: 4))
        {
            Expected = [new("TcpAcceptQueueWait", Warning) { NamesListener = true }],
        },
        new("stuck-worker", "one of four workers hangs, its clients refused", host => StuckWorker(host, clients: 20))
        {
            Expected = [new("TcpListenerStuckWorker", Page) { NamesListener = true }],
        },
        new("stuck-worker-early", "one of four workers hangs, nobody refused yet", host => StuckWorker(host, clients: 0))
        {
            Expected = [new("TcpListenerStuckWorker", Warning) { NamesListener = true }],
        },
        new("syn-flood-cookies", "SYN queue full, cookies stand in", host => Flood(host, syncookies: 1))
        {
            Lasts = true,
            Expected = [new("TcpSynQueueOverflow", Warning) { NamesListener = true }],
        },
        new("syn-flood-no-cookies", "SYN queue full, cookies off", host => Flood(host, syncookies: 0))
        {
            Lasts = true,
            Expected = [new("TcpSynQueueOverflow", Page) { NamesListener = true }],
        },
        new("syn-flood-max-syn-backlog", "tcp_max_syn_backlog reached, cookies off", host => Flood(host, syncookies: 0, backlog: 4096, maxSynBacklog: 128))
        {
            Lasts = true,
            Expected = [new("TcpSynQueueOverflow", Page) { NamesListener = true }],
        },
        new("bad-cookies", "ACKs with bad cookies", host => Flood(host, syncookies: 1, badCookies: true))
        {
            Lasts = true,
            Expected =
            [
                new("TcpSyncookiesFailed", Info),
                new("TcpSynQueueOverflow", Warning, "cookies are checked only while the SYN queue overflows") { NamesListener = true },
            ],
        },
        new("time-wait-full", "TIME_WAIT table full", host => new Held(() => new TimeWaitOverflow(host.Namespace, buckets: 10, closes: 10).Dispose()))
        {
            Expected = [new("TcpTimeWaitTableFull", Warning)],
        },
        new("time-wait-near", "TIME_WAIT table at 90 %", host => Once(() => new TimeWaitOverflow(host.Namespace, buckets: 100, closes: 90)))
        {
            Expected = [new("TcpTimeWaitTableNearLimit", Info)],
        },
        new("close-wait-leak", "CLOSE_WAIT leak", LeakingServer)
        {
            Lasts = true,
            Expected = [new("TcpCloseWaitLeak", Warning)],
        },
        new("close-wait-unaccepted", "clients leave before they are accepted", Departing)
        {
            Expected =
            [
                new("TcpCloseWaitUnaccepted", Warning),
                new("TcpAcceptQueueWait", Warning, "they waited longer than they were willing to") { NamesListener = true },
            ],
        },
        new("ports-exhausted", "no local port left for a destination", host => Once(() => new PortExhaustion(host.Namespace, ports: 20, connects: 30)))
        {
            Expected = [new("TcpEphemeralPortsExhausting", Page)],
        },
        new("ports-near", "85 % of the local ports towards a destination", host => Once(() => new PortExhaustion(host.Namespace, ports: 20, connects: 17)))
        {
            Expected = [new("TcpEphemeralPortsExhausting", Warning)],
        },
        new("memory-pressure", "TCP memory above the pressure mark*", host => MemoryOf(host, pressure: 0.25, high: 4))
        {
            ReplacesProcfs = true,
            Expected = [new("TcpMemoryPressure", Warning)],
        },
        new("memory-near", "TCP memory at 93 % of its limit*", host => MemoryOf(host, pressure: 0.9, high: 1.08))
        {
            ReplacesProcfs = true,
            Expected = [new("TcpMemoryNearLimit", Warning)],
        },
        new("orphans-near", "orphans at 90 % of their limit*", ManyOrphans)
        {
            ReplacesProcfs = true,
            Expected = [new("TcpOrphansNearLimit", Warning)],
        },
        new("conntrack-near", "connection tracking at 90 % of its limit*", NearlyFullConntrack)
        {
            ReplacesProcfs = true,
            Expected = [new("TcpConntrackTableNearLimit", Warning)],
        },
        new("conntrack-full", "connection tracking full, packets dropped*", FullConntrack)
        {
            ReplacesProcfs = true,
            Expected = [new("TcpConntrackTableFull", Page)],
        },
        new("softnet-drops", "a processor's packet backlog overflows*", OverflowingSoftnet)
        {
            ReplacesProcfs = true,
            Expected = [new("TcpSoftnetDrops", Warning)],
        },
        new("udp-drops", "a UDP receiver that nobody reads", UnreadDatagrams)
        {
            Expected = [new("UdpReceiverDrops", Warning) { NamesListener = true }],
        },
        new("unix-queue-full", "a Unix socket that nobody accepts from", host => Once(() =>
        {
            var queue = new UnixQueue(host.Namespace);
            queue.Connect(20);
            return queue;
        }))
        {
            Expected = [new("UnixListenQueueFull", Warning)],
        },
        new("receive-queue-drops", "segments without room in their receive queue", Overrun)
        {
            Lasts = true,
            Expected =
            [
                new("TcpReceiveQueueDrops", Warning),
                new("TcpRetransmissionsHigh", Warning, "what was dropped is sent again"),
            ],
        },
        new("lossy-network", "one segment in six lost", host => Lossy(host, loss: 1.0 / 6))
        {
            Lasts = true,
            Expected = [new("TcpRetransmissionsHigh", Warning)],
        },
        new("silent-peers", "peers fall silent", SilentPeers)
        {
            Lasts = true,
            Expected = [new("TcpTimeoutsHigh", Warning)],
        },
        new("connects-refused", "outgoing connections refused", Refused)
        {
            Lasts = true,
            Expected = [new("TcpConnectFailuresHigh", Warning)],
        },
        new("resets", "connections closed with data unread, after a quiet time", host => Resets(host, quiet: TimeSpan.FromMinutes(1)))
        {
            Lasts = true,
            Expected = [new("TcpResetStorm", Warning)],
        },
        new("unanswered", "a dependency does not answer", host => Unanswered(host, healthy: 0))
        {
            Lasts = true,
            Expected = [new("TcpConnectUnanswered", Page)],
        },
        new("unanswered-one", "one destination of many does not answer", host => Unanswered(host, healthy: 40))
        {
            Lasts = true,
            Expected = [new("TcpConnectUnanswered", Warning)],
        },
        new("listener-gone", "a service stops listening, its clients are refused", host => Gone(host, away: TimeSpan.MaxValue))
        {
            Lasts = true,
            Expected = [new("TcpListenerGone", Page) { NamesListener = true }],
        },
        new("connections-lost", "all clients of a service are cut off at once", host => Ending(host, fault => fault.CutOff()))
        {
            Lasts = true,
            Expected = [new("TcpConnectionsLost", Warning) { NamesListener = true }],
        },
        new("never-reads", "a service accepts and never reads, some clients give up", NeverReading)
        {
            Lasts = true,
            Expected = [new("TcpApplicationNotReading", Warning) { NamesListener = true }],
        },
        new("exporter-down", "exporter gone", host => new Held(() => host.Exporter!.Dispose()))
        {
            Expected = [new("TcpStatExporterDown", Warning)],
        },
        new("source-failing", "a kernel file that cannot be read as one*", BrokenNetstat)
        {
            ReplacesProcfs = true,
            Expected = [new("TcpStatExporterSourceFailing", Warning)],
        },
        new("samples-missed", "exporter stopped for 2 of 4 seconds", StoppedNowAndThen)
        {
            Expected = [new("TcpStatExporterSamplesMissed", Warning)],
        },
        new("too-many-listeners", "more listeners than --listeners.max", host => Once(() => new AcceptQueueFull(host.Namespace, clients: 0)))
        {
            Arguments = ["--listeners.max=1"],
            Expected = [new("TcpStatExporterListenersNotExported", Info)],
        },
        new("pod-overflow", "accept queue of a pod full", _ => Pods(PodA))
        {
            Arguments = ["--netns=counters", "--netns.interval=1s", $"--netns.include={PodA}"],
            Expected = [new("TcpAcceptQueueOverflow", Page) { Netns = PodA }],
        },
        new("too-many-pods", "more pods in trouble than --netns.max", _ => Pods(PodB, PodC))
        {
            Arguments = ["--netns=counters", "--netns.interval=1s", "--netns.max=1", $"--netns.include={PodB}", $"--netns.include={PodC}"],
            Expected =
            [
                new("TcpStatExporterNamespacesNotExported", Info),
                new("TcpAcceptQueueOverflow", Page, "one of the two has series") { Netns = PodB },
            ],
        },
    ];

    /// <summary>What an overeager rule would page for.</summary>
    public static IReadOnlyList<Scenario> LookAlikes { get; } =
    [
        new("healthy", "3,000 busy connections of wrk, then none", Healthy)
        {
            Evidence = "max_over_time(tcpstat_connections_peak{state=\"established\"}[10m]) >= 6000",
            Lasts = true,
        },
        new("cookies-always", "SYN flood with tcp_syncookies=2", host => Flood(host, syncookies: 2))
        {
            Evidence = "max_over_time(tcpstat_tcpext_req_q_full_do_cookies_total[10m]) > 1000",
            Lasts = true,
        },
        new("cookies-always-traffic", "ordinary traffic with tcp_syncookies=2", host => Churn(host, syncookies: 2))
        {
            Evidence = "max_over_time(tcpstat_tcpext_req_q_full_do_cookies_total[10m]) > 1000",
            Lasts = true,
        },
        new("filtered", "a socket filter discards segments at a listener", FilteredListener)
        {
            Evidence = "max_over_time(tcpstat_listen_drops_total[10m]) > 100",
            Lasts = true,
        },
        new("close-wait-steady", "50 connections in CLOSE_WAIT, not growing", host => Once(() => new CloseWaitLeak(host.Namespace, accepted: 50, unaccepted: 0)))
        {
            Evidence = "max_over_time(tcpstat_connections{state=\"close_wait\"}[10m]) >= 50",
            Lasts = true,
        },
        new("half-full", "accept queue half full, each client accepted within half a second", TurningOver)
        {
            Evidence = "max_over_time(tcpstat_listen_queue_fill_ratio_peak[30s]) >= 0.5 and max_over_time(tcpstat_listen_queue_oldest_seconds[10m]) > 0.2",
            Lasts = true,
        },
        new("ports-taken-over", "85 % of the local ports over loopback in TIME_WAIT, where connect(2) takes them over", host => Once(() => new LoopbackTimeWait(host.Namespace, ports: 20, connects: 17)))
        {
            Evidence = "max_over_time(tcpstat_ephemeral_ports_busiest_destination_used[10m]) == 17",
        },
        new("stray-reset", "a single reset", host => Once(() => new ResetsWithUnreadData(host.Namespace, 1)))
        {
            // not EstabResets: an aborted scrape may end with a reset too
            Evidence = "max_over_time(tcpstat_tcpext_abort_on_close_total[10m]) - min_over_time(tcpstat_tcpext_abort_on_close_total[10m]) == 1",
        },
        new("stray-refusal", "a single connection refused", host => Once(() =>
        {
            var connects = new RefusedConnects(host.Namespace);
            connects.Try(1);
            return connects;
        }))
        {
            Evidence = "max_over_time(tcpstat_tcp_attempt_fails_total[10m]) - min_over_time(tcpstat_tcp_attempt_fails_total[10m]) == 1",
        },
        new("stray-drop", "a single client dropped, by a queue that was full for a moment", StrayDrop)
        {
            Evidence = "max_over_time(tcpstat_tcpext_listen_drops_total[10m]) - min_over_time(tcpstat_tcpext_listen_drops_total[10m]) > 0",
            Expected = [new("TcpAcceptQueueFilling", Warning, "the queue was full") { NamesListener = true }],
        },
        new("udp-stray", "a UDP receiver drops a few datagrams", host => Once(() =>
        {
            var receiver = new UnreadUdp(host.Namespace);
            receiver.Send(40);
            return receiver;
        }))
        {
            Evidence = "max_over_time(tcpstat_udp_drops_total[10m]) > 10",
        },
        new("unix-burst", "a Unix socket full for a moment, another at its limit", BurstOfUnixClients)
        {
            Evidence = "max_over_time(tcpstat_unix_listen_queue_fill_ratio_peak[10m]) > 1 and on (instance) tcpstat_unix_listen_queue_fill_ratio_peak == 1",
            Lasts = true,
        },
        new("conntrack-clashes", "connection tracking has room, packets that clash are dropped*", ClashingConntrack)
        {
            ReplacesProcfs = true,
            Evidence = "max_over_time(tcpstat_conntrack_drops_total{reason=\"drop\"}[10m]) > 100 and ignoring (reason) max_over_time(instance:tcpstat_conntrack_entries:ratio[10m]) > 0.02",
        },
        new("orphans-few", "twelve orphans", host => Once(() => new Orphans(host.Namespace, 12)))
        {
            Evidence = "max_over_time(tcpstat_connections{state=\"fin_wait1\"}[10m]) >= 12",
            Lasts = true,
        },
        new("deferred-accepts", "TCP_DEFER_ACCEPT: each request discards an ACK", Deferring)
        {
            Evidence = "max_over_time(tcpstat_listen_drops_total[10m]) > 100",
            Lasts = true,
        },
        new("half-open-checks", "half-open health checks", HalfOpenChecks)
        {
            Evidence = "max_over_time(tcpstat_listen_drops_total[10m]) > 50",
            Lasts = true,
        },
        new("reset-checks", "health checks that open a connection and reset it", host => Resets(host, quiet: TimeSpan.Zero))
        {
            Evidence = "max_over_time(instance:tcpstat_tcp_estab_resets:rate5m[10m]) > 10",
            Lasts = true,
        },
        new("port-scan", "port scans", host => Scanned(host, ports: 200))
        {
            Evidence = "max_over_time(tcpstat_tcp_out_rsts_total[10m]) > 5000",
            Lasts = true,
        },
        new("syn-noise", "a few SYNs to closed ports of an idle host", host => Scanned(host, ports: 1))
        {
            Evidence = "max_over_time(tcpstat_tcp_out_rsts_total[10m]) > 50",
            Lasts = true,
        },
        new("deployment", "a service away for a minute, its clients refused", host => Gone(host, away: TimeScale.Laboratory.Shorten(TimeSpan.FromMinutes(1))))
        {
            Evidence = "max_over_time(tcpstat_listen_closed_timestamp_seconds[10m]) > 0 and ignoring (address, port, device, unit) max_over_time(tcpstat_tcp_out_rsts_total[10m]) > 20",
            Lasts = true,
        },
        new("job-done", "a job of an hour closes all its connections in order", host => Ending(host, fault => fault.Leave()))
        {
            Evidence = "max_over_time(tcpstat_listen_connections{state=\"established\"}[10m]) >= 80 and tcpstat_listen_connections{state=\"established\"} == 0",
            Lasts = true,
        },
        new("thousandth-lost", "one segment in a thousand lost", host => Lossy(host, loss: 0.001))
        {
            Evidence = "max_over_time(tcpstat_tcp_retrans_segs_total[10m]) - min_over_time(tcpstat_tcp_retrans_segs_total[10m]) >= 5",
            Lasts = true,
        },
        new("restart", "exporter restarted after drops long ago", Restarted)
        {
            Evidence = "changes(process_start_time_seconds[10m]) == 1",
            Lasts = true,
        },
    ];

    /// <summary>Faults and look-alikes.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. Faults, .. LookAlikes];

    /// <summary>Containers in whose network namespace a listener overflows, the second one a few seconds after the first.</summary>
    private static Held Pods(params string[] names)
    {
        const int Rounds = 8;
        var pods = names.Select(name => new LabPod($"tcpstat-{Environment.ProcessId}/docker/{name}{new string('0', 52)}")).ToArray();
        var crowds = pods.Select(pod => new ImpatientClients(pod.Namespace, LabPod.Listener)).ToArray();
        var rounds = 0;
        return new Held(
            () =>
            {
                for (var i = 0; i < pods.Length && i <= rounds / Rounds; i++)
                {
                    if (rounds == Rounds * i)
                    {
                        pods[i].Overflow(clients: 4);
                    }

                    ComeAndLeave(crowds[i], 8);
                }

                rounds++;
            },
            [.. crowds, .. pods]);
    }

    /// <summary>Happens once, while it is watched, and then stays.</summary>
    private static Held Once(Func<IDisposable> make)
    {
        IDisposable? made = null;
        return new Held(() => made ??= make(), new Disposal(() => made?.Dispose()));
    }

    private static Held Refusing(MonitoredHost host, int clients, int waiting = 0)
    {
        var fault = host.InService(() => new AcceptQueueFull(host.Namespace, Backlog, clients: waiting));
        var crowd = new ImpatientClients(host.Namespace, fault.Listener);
        return new Held(() => ComeAndLeave(crowd, clients), crowd, fault) { Listener = fault.Listener };
    }

    /// <summary>
    /// On loopback, a SYN is dropped before connect(2) returns. Clients that wait for an answer would be another fault.
    /// </summary>
    private static void ComeAndLeave(ImpatientClients crowd, int clients)
    {
        crowd.Come(clients);
        crowd.Come(0);
    }

    /// <summary>The clients wait for an answer, like those of a destination that does not answer.</summary>
    private static Held OwnClients(MonitoredHost host)
    {
        const int Rounds = 6;
        var fault = host.InService(() => new AcceptQueueFull(host.Namespace, Backlog, clients: Backlog + 1));
        var waiting = new Queue<ImpatientClients>();
        return new Held(
            () =>
            {
                var clients = new ImpatientClients(host.Namespace, fault.Listener);
                clients.Come(5);
                waiting.Enqueue(clients);
                if (waiting.Count > Rounds)
                {
                    waiting.Dequeue().Dispose();
                }
            },
            new Disposal(() => waiting.ToList().ForEach(clients => clients.Dispose())),
            fault)
        {
            Listener = fault.Listener,
        };
    }

    private static Held Burst(MonitoredHost host)
    {
        var fault = host.InService(() => new AcceptQueueFull(host.Namespace, Backlog, clients: 0));
        var crowd = new ImpatientClients(host.Namespace, fault.Listener);
        var rounds = 0;
        return new Held(
            () =>
            {
                // two rounds of clients; then no more, and the server accepts those that got in
                switch (rounds++)
                {
                    case 0 or 1:
                        ComeAndLeave(crowd, 20);
                        break;
                    case 2:
                        fault.Drain(Backlog + 1);
                        break;
                }
            },
            crowd,
            fault)
        {
            Listener = fault.Listener,
        };
    }

    /// <summary>As many connections arrive as are accepted: the queue is never empty, but always moves.</summary>
    private static Held TurningOver(MonitoredHost host)
    {
        // the first one is accepted at once
        const int Waiting = 5;
        var pace = TimeSpan.FromMilliseconds(80);
        var accepts = 0;
        var fault = host.InService(() => new SlowAcceptor(host.Namespace, Waiting + 1, () => pace, elapsed => (pace * ++accepts) - elapsed, backlog: 2 * Waiting));
        return new Held(() => { }, fault) { Listener = fault.Listener };
    }

    private static Held StrayDrop(MonitoredHost host)
    {
        var fault = host.InService(() => new AcceptQueueFull(host.Namespace, Backlog, clients: 0));
        var crowd = new ImpatientClients(host.Namespace, fault.Listener);
        var rounds = 0;
        return new Held(
            () =>
            {
                switch (rounds++)
                {
                    case 0:
                        ComeAndLeave(crowd, Backlog + 2);
                        break;
                    case 1:
                        fault.Drain(Backlog + 1);
                        break;
                }
            },
            crowd,
            fault)
        {
            Listener = fault.Listener,
        };
    }

    private static Held StuckWorker(MonitoredHost host, int clients)
    {
        var fault = host.InService(() => new OneFullOfGroup(host.Namespace, clients: clients > 0 ? 0 : 9));
        var crowd = new ImpatientClients(host.Namespace, fault.Listener);
        return new Held(() => ComeAndLeave(crowd, clients), crowd, fault) { Listener = fault.Listener };
    }

    private static Held Flood(MonitoredHost host, int syncookies, int backlog = 128, int? maxSynBacklog = null, bool badCookies = false)
    {
        host.Namespace.SetSysctl("net.ipv4.tcp_syncookies", $"{syncookies}");
        if (maxSynBacklog is { } limit)
        {
            host.Namespace.SetSysctl("net.ipv4.tcp_max_syn_backlog", $"{limit}");
        }

        var attacker = NetNamespace.Create();
        var fault = host.InService(() => new SynFlood(host.Namespace, attacker, backlog, syns: 0));
        return new Held(
            () =>
            {
                fault.SendSyns(100);
                fault.SendBadCookies(badCookies ? 25 : 0);
            },
            fault,
            attacker)
        {
            Listener = fault.Listener,
        };
    }

    private static Held Departing(MonitoredHost host)
    {
        var fault = host.InService(() => new DepartedClients(host.Namespace, clients: 0, backlog: 128));
        var rounds = 0;
        return new Held(() => fault.Come(rounds++ == 0 ? 20 : 0), fault) { Listener = fault.Listener };
    }

    private static Held LeakingServer(MonitoredHost host)
    {
        var fault = new CloseWaitLeak(host.Namespace, accepted: 0, unaccepted: 0);
        return new Held(() => fault.Leak(2), fault);
    }

    /// <summary>The memory is the kernel's, counted for the whole host. The limits follow it at a distance.</summary>
    private static Held MemoryOf(MonitoredHost host, double pressure, double high)
    {
        BufferedData? fault = null;
        host.Procfs.SetMemoryLimits(int.MaxValue, int.MaxValue);
        return new Held(
            () =>
            {
                fault ??= new BufferedData(host.Namespace, bytes: 64 << 20);
                var pages = ProcNet.Sockstat(host.Namespace, "TCP", "mem");
                host.Procfs.SetMemoryLimits((long)(pages * pressure), (long)(pages * high));
            },
            new Disposal(() => fault?.Dispose()));
    }

    /// <summary>The orphans are the kernel's, counted for the whole host. The limit follows them at a distance.</summary>
    private static Held ManyOrphans(MonitoredHost host)
    {
        Orphans? fault = null;
        host.Procfs.SetMaxOrphans(int.MaxValue);
        return new Held(
            () =>
            {
                fault ??= new Orphans(host.Namespace, 20);
                host.Procfs.SetMaxOrphans((long)(ProcNet.Sockstat(host.Namespace, "TCP", "orphan") / 0.9));
            },
            new Disposal(() => fault?.Dispose()));
    }

    /// <summary>The entries are the kernel's. The limit is host-wide, and a test may not change it.</summary>
    private static Held NearlyFullConntrack(MonitoredHost host)
    {
        host.Procfs.SetMaxConntrack(int.MaxValue);
        TrackedPackets.Track(host.Namespace);
        return new Held(() =>
        {
            TrackedPackets.Send(host.Namespace, 90);
            host.Procfs.SetMaxConntrack(100);
        });
    }

    /// <summary>
    /// The entries are the kernel's, but the packets are not: filling the table with entries that cannot be evicted takes
    /// hundreds of thousands of connections.
    /// </summary>
    private static Held FullConntrack(MonitoredHost host)
    {
        var dropped = 0;
        host.Procfs.SetConntrackDrops(0);
        host.Procfs.SetMaxConntrack(int.MaxValue);
        TrackedPackets.Track(host.Namespace);
        return new Held(() =>
        {
            TrackedPackets.Send(host.Namespace, 100);
            host.Procfs.SetMaxConntrack(100);
            host.Procfs.SetConntrackDrops(dropped += 10);
        });
    }

    /// <summary>Same as <see cref="FullConntrack"/>, in a table with free space.</summary>
    private static Held ClashingConntrack(MonitoredHost host)
    {
        var dropped = 0;
        host.Procfs.SetConntrackDrops(0);
        host.Procfs.SetMaxConntrack(20_000);
        TrackedPackets.Track(host.Namespace);
        return new Held(() =>
        {
            // from a different port each time, and kept for 30 s: at most 6,000
            TrackedPackets.Send(host.Namespace, 100);
            host.Procfs.SetConntrackDrops(dropped += 10);
        });
    }

    /// <summary>The backlogs are host-wide: overflowing one would lose packets of other tests.</summary>
    private static Held OverflowingSoftnet(MonitoredHost host)
    {
        var dropped = 0;
        host.Procfs.SetSoftnetDrops(0);
        return new Held(() => host.Procfs.SetSoftnetDrops(dropped += 20));
    }

    private static Held UnreadDatagrams(MonitoredHost host)
    {
        var receiver = host.InService(() => new UnreadUdp(host.Namespace));
        return new Held(() => receiver.Send(300), receiver) { Listener = UnreadUdp.Receiver };
    }

    /// <summary>One is full for a second and a half, so that a sample sees it. Then its clients are accepted.</summary>
    private static Held BurstOfUnixClients(MonitoredHost host)
    {
        var looks = 0;
        var burst = new UnixQueue(host.Namespace);
        var steady = new UnixQueue(host.Namespace, backlog: 20);
        return new Held(
            () =>
            {
                looks++;
                if (looks == 1)
                {
                    steady.Connect(20);
                    burst.Connect(20);
                }
                else if (looks == 4)
                {
                    burst.Drain();
                }
            },
            burst,
            steady);
    }

    private static Held Overrun(MonitoredHost host)
    {
        var fault = new ReceiveQueueOverrun(host.Namespace);
        return new Held(
            () =>
            {
                fault.Overrun(10);
                fault.End(left: 60);
            },
            fault);
    }

    private static Held Lossy(MonitoredHost host, double loss)
    {
        var fault = new LossyReceivers(host.Namespace, streams: 6, loss);
        return new Held(() => fault.Send(20), fault);
    }

    private static Held SilentPeers(MonitoredHost host)
    {
        // each has its own listener
        const int Most = 100;
        var rounds = new Queue<Retransmissions>();
        return new Held(
            () =>
            {
                rounds.Enqueue(new Retransmissions(host.Namespace, 4));
                if (rounds.Count > Most)
                {
                    rounds.Dequeue().Dispose();
                }
            },
            new Disposal(() => rounds.ToList().ForEach(round => round.Dispose())));
    }

    private static Held Refused(MonitoredHost host)
    {
        var fault = new RefusedConnects(host.Namespace);
        return new Held(() => fault.Try(2), fault);
    }

    private static Held Resets(MonitoredHost host, TimeSpan quiet)
    {
        var held = new Stopwatch();
        return new Held(() =>
        {
            held.Start();
            if (held.Elapsed >= quiet)
            {
                new ResetsWithUnreadData(host.Namespace, 10).Dispose();
            }
        });
    }

    private static Held Unanswered(MonitoredHost host, int healthy)
    {
        const int Rounds = 6;
        var fault = new UnansweredConnects(host.Namespace);
        return new Held(
            () =>
            {
                fault.Try(5, Rounds);
                if (healthy > 0)
                {
                    new OrdinaryConnections(host.Namespace, healthy).Dispose();
                }
            },
            fault,
            fault.Nowhere);
    }

    /// <summary>
    /// A service on a port below the ephemeral ones that has listened for one minute, which the exporter requires to remember
    /// it.
    /// </summary>
    private static Held Gone(MonitoredHost host, TimeSpan away)
    {
        const int Port = 8080;
        var known = TimeSpan.FromSeconds(70);
        var visitors = new Visitors(host.Namespace);
        var listener = host.InService(() => visitors.Listen(Port));
        var held = new Stopwatch();
        var (isGone, isBack) = (false, false);
        return new Held(
            () =>
            {
                held.Start();
                if (!isGone && held.Elapsed > known)
                {
                    visitors.StopListening();
                    isGone = true;
                }
                else if (isGone && !isBack && away != TimeSpan.MaxValue && held.Elapsed > known + away)
                {
                    host.InService(() => visitors.Listen(Port));
                    isBack = true;
                }

                visitors.Connect(Port, isGone && !isBack ? 5 : 0);
            },
            visitors,
            visitors.Outside)
        {
            Listener = listener,
        };
    }

    /// <summary>In scaled time, the connections have existed for more than an hour.</summary>
    private static Held Ending(MonitoredHost host, Action<AcceptedConnections> end)
    {
        var known = TimeScale.Laboratory.Shorten(TimeSpan.FromMinutes(70));
        var fault = host.InService(() => new AcceptedConnections(host.Namespace, 80));
        var held = new Stopwatch();
        return new Held(
            () =>
            {
                held.Start();
                if (held.Elapsed > known)
                {
                    known = TimeSpan.MaxValue;
                    end(fault);
                }
            },
            fault)
        {
            Listener = fault.Listener,
        };
    }

    private static Held NeverReading(MonitoredHost host)
    {
        var fault = host.InService(() => new NeverRead(host.Namespace, 30));
        var rounds = 0;
        return new Held(() => fault.Leave(rounds++ == 0 ? 15 : 0), fault) { Listener = fault.Listener };
    }

    private static Held Deferring(MonitoredHost host)
    {
        var fault = host.InService(() => new DeferredAccepts(host.Namespace));
        return new Held(() => fault.Serve(5), fault) { Listener = fault.Listener };
    }

    private static Held HalfOpenChecks(MonitoredHost host)
    {
        const int Port = 8080;
        var visitors = new Visitors(host.Namespace);
        var listener = host.InService(() => visitors.Listen(Port));
        return new Held(() => visitors.SendSyns(Enumerable.Repeat(Port, 2)), visitors, visitors.Outside) { Listener = listener };
    }

    private static Held Scanned(MonitoredHost host, int ports)
    {
        var visitors = new Visitors(host.Namespace);
        return new Held(() => visitors.SendSyns(Enumerable.Range(2000, ports)), visitors, visitors.Outside);
    }

    private static Held BrokenNetstat(MonitoredHost host)
    {
        const string File = "net/netstat";
        var sound = string.Join('\n', ProcNet.Lines(host.Namespace, "netstat")) + "\n";
        host.Procfs.Replace(File, sound);
        return new Held(() => host.Procfs.Replace(File, sound.Replace(' ', '#')));
    }

    private static Held StoppedNowAndThen(MonitoredHost host)
    {
        var rounds = 0;
        return new Held(() => _ = (rounds++ % 8) switch
        {
            0 => Libc.Kill(host.Exporter!.Id, Libc.SigStop),
            4 => Libc.Kill(host.Exporter!.Id, Libc.SigCont),
            _ => 0,
        });
    }

    private static Held Healthy(MonitoredHost host)
    {
        const int Connections = 3000;
        Requires.Program("wrk");
        Requires.Descriptors(Connections + 2000);
        var server = host.InService(() => new LoadServer(host.Namespace, backlog: 4096));
        ChildProcess? wrk = null;
        var started = new Stopwatch();
        return new Held(
            () =>
            {
                string[] arguments = ["-n", "29", "wrk", "-t1", $"-c{Connections.ToString(CultureInfo.InvariantCulture)}", "-d10m", "--timeout=10s", $"http://{server.Listener}/"];
                wrk ??= host.Namespace.Start("nice", arguments);
                started.Start();
                if (started.Elapsed > TimeSpan.FromSeconds(40) && !wrk.HasExited && host.Exporter!.Scrape().Value("tcpstat_connections_peak", ("state", "established")) >= 2 * Connections)
                {
                    wrk.Signal(Libc.SigTerm);
                }
            },
            new Disposal(() => wrk?.Dispose()),
            server)
        {
            Listener = server.Listener,
        };
    }

    private static Held Churn(MonitoredHost host, int syncookies)
    {
        host.Namespace.SetSysctl("net.ipv4.tcp_syncookies", $"{syncookies}");
        return new Held(() => new OrdinaryConnections(host.Namespace, 20).Dispose());
    }

    /// <summary>
    /// With cookies, the kernel counts no drop. The filter keeps the ACKs from the listener, and only its own drop count
    /// increases.
    /// </summary>
    private static Held FilteredListener(MonitoredHost host)
    {
        var fault = host.InService(() => new SynQueueFull(host.Namespace, syncookies: 2, clients: 0));
        var crowd = new ImpatientClients(host.Namespace, fault.Listener);
        return new Held(() => crowd.Come(5), crowd, fault) { Listener = fault.Listener };
    }

    private static Held Restarted(MonitoredHost host)
    {
        var fault = host.InService(() => new AcceptQueueFull(host.Namespace, backlog: 128, clients: 200));
        fault.StopRetries();
        fault.Drain(fault.Queued);
        fault.CloseClients();

        // after the load of the other hosts is over: under load, a start can take as long as an exporter that is down
        var calm = TimeSpan.FromMinutes(1);
        var held = new Stopwatch();
        return new Held(
            () =>
            {
                if (!held.IsRunning)
                {
                    held.Start();
                }
                else if (held.Elapsed > calm)
                {
                    calm = TimeSpan.MaxValue;
                    host.StartExporter();
                }
            },
            fault)
        {
            Listener = fault.Listener,
        };
    }

    private sealed class Disposal(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}
