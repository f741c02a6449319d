using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

/// <summary>
/// For each rule: when it matches, when it does not (usually just below its threshold), and when it cannot be checked.
/// </summary>
public sealed class RuleTests
{
    private static readonly (string Id, Action<Scene> Make)[] Holding =
    [
        ("listener-dropping", s => s.Listener(length: 9, limit: 8, dropped: 3).Count("ListenDrops", 3).Count("ListenOverflows", 3)),
        ("listener-dropping", s => s.Unnamed(acceptQueue: 3)),
        ("listener-dropping", s => s.Gone(ago: 2, lost: 4).Count("ListenDrops", 4).Count("ListenOverflows", 4)),
        ("listener-dropping", s => s.Listener(dropped: 11).Count("ListenDrops", 11).Count("PassiveOpens", 1000)),
        ("listener-dropping", s => s.Listener(length: 9, limit: 8, dropped: 11).Count("ListenDrops", 11).Count("PassiveOpens", 18_000)),
        ("listener-stuck-worker", s => s.Listener(limit: 32, length: 9, sockets: 4, fullest: 1.125)),
        ("listener-gone", s => s.Gone(ago: 180).Count("OutRsts", 30)),
        ("listener-gone", s => s.Gone(ago: 181, openings: 4).Count("OutRsts", 30)),
        ("listener-away", s => s.Gone(ago: 10).Count("OutRsts", 30)),
        ("listener-away", s => s.Gone(ago: 179).Count("OutRsts", 30)),
        ("listener-away", s => s.Gone(listened: 5).Count("OutRsts", 30)),
        ("listener-away", s => s.Listener(limit: 128).At(now => now.Listeners[0].Openings = 4).Count("OutRsts", 30)),
        ("listener-lost-lately", s => s.Listener(dropped: 11).Count("ListenDrops", 11).Count("PassiveOpens", 18_000)),
        ("connect-unanswered", s => s.Waits(3, seconds: 180)),
        ("connect-unanswered", s => s.Waits(1, seconds: 60).Count("ActiveOpens", 12)),

        // one destination among many that answer; a single worker that keeps retrying
        ("connect-unanswered", s => s.Waits(5, seconds: 300, resent: 3).Count("ActiveOpens", 60_000)),
        ("connect-unanswered", s => s.Waits(1, seconds: 120, resent: 1, since: 181).Count("ActiveOpens", 60_000)),
        ("connect-unanswered", s => s.Listener(port: 80, length: 9, limit: 8).Waits(3, seconds: 180, resent: 3, isLocal: true).Count("ActiveOpens", 3)),
        ("connect-unanswered", s => s.Listener(port: 5432, length: 9, limit: 8).Waits(3, seconds: 180, resent: 3).Count("ActiveOpens", 3)),
        ("application-not-reading", s => s.Listener().Unread(12, established: 12)),
        ("connections-lost", s => s.Open(10).Fell(from: 1000, ago: 20)),
        ("syn-queue-dropping", s => s.Set(Sysctl.TcpSyncookies, 0).Unnamed(synQueue: 3)),
        ("syn-queue-dropping", s => s.Set(Sysctl.TcpSyncookies, 0).Listener(synDropped: 30).Count("ListenDrops", 30)),
        ("ports-exhausted", s => s.Ports(27950)),
        ("ports-exhausted", s => s.Ports(10, limit: 10)),
        ("ports-exhausted", s => s.Ports(28232, timeWait: 5000)),
        ("ports-exhausted", s => s.Set(Sysctl.TcpTwReuse, 1).Sockets(TcpState.TimeWait, 5000).Ports(28232)),
        ("ports-exhausted", s => s.Set(Sysctl.TcpTimestamps, 0).Ports(28232, timeWait: 28000, isLoopback: true)),
        ("aborts-for-memory", s => s.Count("TCPAbortOnMemory", 3)),
        ("tw-recycle", s => s.Set(Sysctl.TcpTwRecycle, 1)),
        ("accept-queue-filling", s => s.Listener(limit: 10, peak: 10)),
        ("accept-queue-filling", s => s.Listener(limit: 8, length: 9)),
        ("accept-queue-wait", s => s.Listener(length: 4).Waiting(1)),
        ("accept-queue-wait", s => s.Listener(length: 4, limit: 4).Waiting(90)),
        ("syn-queue-overflowing", s => s.Count("TCPReqQFullDoCookies", 3)),
        ("syn-queue-overflowing", s => s.Listener(limit: 16, synPeak: 16)),
        ("close-wait-leak", s => s.Sockets(TcpState.CloseWait, 21).Open(400)),
        ("close-wait-leak", s => s.Sockets(TcpState.CloseWait, 100).Open(400).Count("PassiveOpens", 11_999)),
        ("close-wait-unaccepted", s => s.Listener(length: 60).At(now => now.Kernel.CloseWaitUnaccepted = 6)),
        ("ports-filling", s => s.Ports(22586)),
        ("ports-filling", s => s.Ports(busiest: 100, all: 25409)),
        ("time-wait-full", s => s.Count("TCPTimeWaitOverflow", 3)),
        ("orphans-near-limit", s => s.At(now => now.Host.Sockets = new HostSockets { Orphans = 24577 })),
        ("tcp-memory-pressure", s => s.At(now => now.Host.Sockets = new HostSockets { MemoryPages = 125739 })),
        ("tcp-memory-pressure", s => s.Count("TCPMemoryPressures", 1)),
        ("softnet-drops", s => s.At(now => now.Host.Machine.Softnet.Dropped = 3)),
        ("udp-receiver-drops", s => s.At(now => now.UdpDrops = 3)),
        ("udp-receiver-drops", s => s.At(now =>
        {
            now.UdpDrops = 9;
            now.UdpReceivers.Add(new UdpSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 53, "unbound.service"), Drops = 9, QueueBytes = 1000, LimitBytes = 212_992 });
        })),
        ("udp-receiver-drops", s => s.Set(Sysctl.RmemMax, 212_992).At(now =>
        {
            // the first requested everything that is allowed, the second did not, and for the third procfs does not say
            now.UdpDrops = 900;
            now.UdpReceivers.Add(new UdpSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 514, ""), Drops = 300, QueueBytes = 1000, LimitBytes = 425_984, LargestLimitBytes = 425_984 });
            now.UdpReceivers.Add(new UdpSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 53, "unbound.service"), Drops = 400, QueueBytes = 1000, LimitBytes = 851_968, LargestLimitBytes = 212_992 });
            now.UdpReceivers.Add(new UdpSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 8125, ""), Drops = 200, QueueBytes = 1000 });
        })),
        ("unix-queue-full", s => s.Unix(9, 8, seconds: 2)),
        ("unix-queue-full", s => s.Set(Sysctl.Somaxconn, 128).Unix(129, 128, seconds: 30).Unix(400, 100, seconds: 9, unit: "")),
        ("conntrack-table-full", s => s.Conntrack(249_037, dropped: 3)),
        ("conntrack-table-full", s => s.Conntrack(262_144, dropped: 300).Lack(Sysctl.NfConntrackTcpTimeoutEstablished).At(now => now.Host.Machine.MemoryBytes = 1L << 30)),
        ("conntrack-table-near-limit", s => s.Conntrack(222_823)),
        ("conntrack-table-near-limit", s => s.Conntrack(262_144, dropped: 2)),
        ("conntrack-table-near-limit", s => s.Conntrack(222_823).At(now => now.Kernel.Conntrack.HasStatistics = false)),
        ("retransmissions", s => s.Count("RetransSegs", 320).Count("OutSegs", 6000)),
        ("retransmissions", s => s.Listener().At(now => now.Listeners[0].Drops = 400).Count("RetransSegs", 400).Count("OutSegs", 6000)),
        ("reset-storm", s => s.Count("EstabResets", 301).Count("PassiveOpens", 1200)),
        ("syncookies-off", s => s.Set(Sysctl.TcpSyncookies, 0)),
        ("syncookies-always", s => s.Set(Sysctl.TcpSyncookies, 2)),
        ("abort-on-overflow", s => s.Set(Sysctl.TcpAbortOnOverflow, 1)),
        ("tcp-mem-in-bytes", s => s.Set(Sysctl.TcpMem, 386260992, 515022848, 772521984)),
        ("tcp-mem-too-large", s => s.Set(Sysctl.TcpMem, 94302, 125738, 699051)),
        ("tcp-mem-too-large", s => s.Set(Sysctl.TcpMem, 94302, 125738, 8L << 31)),
        ("tcp-mem-too-small", s => s.Set(Sysctl.TcpMem, 10000, 20000, 41942)),
        ("buffer-sizes-inconsistent", s => s.Set(Sysctl.TcpRmem, 4096, 8388608, 6291456)),
        ("buffer-sizes-inconsistent", s => s.Set(Sysctl.TcpWmem, 4096, 16384, 600_000_000)),
        ("buffer-sizes-inconsistent", s => s.Set(Sysctl.TcpMem, 500, 1000, 2000)),
        ("buffer-sizes-inconsistent", s => s.Set(Sysctl.TcpMem, 0, 0, 2000).At(now => now.Host.Machine.MemoryBytes = 0)),
        ("listener-dropped-earlier", s => s.Listener(droppedBefore: 6)),
        ("listener-dropped-earlier", s => s.Gone(ago: 900, lost: 6)),
        ("backlog-below-somaxconn", s => s.Listener(limit: 128)),
        ("backlog-below-somaxconn", s => s.Listener(limit: 511, peak: 256)),
        ("somaxconn-caps-backlog", s => s.Set(Sysctl.Somaxconn, 128).Listener(limit: 128)),
        ("somaxconn-caps-backlog", s => s.Listener(limit: 4096, peak: 2049)),
        ("syncookies-failed", s => s.Count("SyncookiesFailed", 3)),
        ("time-wait-near-limit", s => s.At(now => now.Kernel.Sockstat.TcpTimeWait = 27853)),
        ("time-wait-near-limit", s => s.Set(Sysctl.TcpMaxTwBuckets, 0).Count("TCPTimeWaitOverflow", 0)),
        ("port-range-narrow", s => s.Set(Sysctl.IpLocalPortRange, 40000, 54114)),
        ("port-range-narrow", s => s.At(now => AddPorts(now.Kernel.Sysctls.ReservedPorts, 32768, 48767))),
        ("port-range-shares-listeners", s => s.Listener(port: 50051)),
        ("fin-timeout-lowered", s => s.Set(Sysctl.TcpFinTimeout, 59)),
        ("buffer-max-without-autotuning", s => s.Set(Sysctl.RmemMax, 6291457)),
        ("buffer-max-without-autotuning", s => s.Set(Sysctl.WmemMax, 4194305)),
        ("keepalive-late", s => s.Count("TCPAbortOnTimeout", 13).Count("AttemptFails", 10)),
        ("keepalive-late", s => s.Count("TCPAbortOnTimeout", 13).Idle(1)),
        ("keepalive-late", s => s.Count("TCPAbortOnTimeout", 13).Idle(0, late: 1).Set(Sysctl.TcpKeepaliveTime, 100)),
        ("keepalive-timeout-short", s => s.Listener().ClosesIdle(5, closes: 20)),
        ("keepalive-timeout-short", s => s.Listener().ClosesIdle(59, closes: 40, longer: 10)),
    ];

    private static readonly (string Id, Action<Scene> Make)[] NotHolding =
    [
        ("listener-dropping", s => s.Listener(length: 9, limit: 8, dropped: 2).Count("ListenDrops", 2).Count("ListenOverflows", 2)),
        ("listener-dropping", s => s.Listener(length: 8, limit: 8).At(now => now.Listeners[0].Drops = 5000).Count("ListenDrops", 0)),
        ("listener-dropping", s => s.Set(Sysctl.TcpSyncookies, 0).Listener(synDropped: 100, dropped: 49).Count("ListenDrops", 149).Count("ListenOverflows", 49)),
        ("listener-dropping", s => s.Unnamed(acceptQueue: 2)),
        ("listener-dropping", s => s.Unnamed(acceptQueue: 11).Count("PassiveOpens", 18_000)),
        ("listener-dropping", s => s.Gone(ago: 200, lost: 50, lastLoss: 200)),
        ("listener-lost-lately", s => s.Listener(dropped: 2).Count("ListenDrops", 2).Count("PassiveOpens", 18_000)),
        ("listener-lost-lately", s => s.Listener(dropped: 11).Count("ListenDrops", 11)),
        ("listener-lost-lately", s => s.Gone(ago: 200, lost: 50, lastLoss: 200)),
        ("listener-dropping", s => s.Listener(limit: 32, length: 9, sockets: 4, fullest: 1.125, dropped: 50).Count("ListenDrops", 50).Count("ListenOverflows", 50)),
        ("listener-stuck-worker", s => s.Listener(limit: 32, length: 8, sockets: 4, fullest: 1)),
        ("listener-stuck-worker", s => s.Listener(limit: 32, length: 16, sockets: 4, fullest: 1.125)),
        ("listener-stuck-worker", s => s.Listener(limit: 8, length: 9)),
        ("syn-queue-dropping", s => s.Set(Sysctl.TcpSyncookies, 0).Unnamed(synQueue: 2)),
        ("syn-queue-dropping", s => s.Listener(dropped: 100).Count("ListenDrops", 100)),
        ("syn-queue-dropping", s => s.Set(Sysctl.TcpSyncookies, 0).Listener(synDropped: 50, dropped: 50).Count("ListenDrops", 100).Count("ListenOverflows", 50)),

        // closed, but no client tries; a deployment whose clients were moved elsewhere; a scan that was there before; the
        // host's own resets
        ("listener-gone", s => s.Gone(ago: 200)),
        ("listener-gone", s => s.Gone(ago: 200, listened: 59, openings: 1).Count("OutRsts", 30)),
        ("listener-gone", s => s.Gone(ago: 200).RefusedBefore(perSecond: 0.4).Count("OutRsts", 30)),
        ("listener-gone", s => s.Gone(ago: 200).Count("OutRsts", 30).Count("TCPAbortOnClose", 29)),
        ("listener-gone", s => s.Count("OutRsts", 3000)),

        // a deployment of one or two minutes is not an outage, and one that lasts is not reported twice; a restart of seconds
        // is nothing
        ("listener-gone", s => s.Gone(ago: 179).Count("OutRsts", 30)),
        ("listener-gone", s => s.Listener(limit: 128).At(now => now.Listeners[0].Openings = 4).Count("OutRsts", 30)),
        ("listener-away", s => s.Gone(ago: 180).Count("OutRsts", 30)),

        // clients on this host retransmit what a listener with an overflowing SYN queue discards
        ("retransmissions", s => s.Listener().At(now => now.Listeners[0].Drops = 400).Count("RetransSegs", 400).Count("OutSegs", 6000).Count("TCPReqQFullDoCookies", 50)),
        ("listener-away", s => s.Gone(ago: 9).Count("OutRsts", 30)),
        ("listener-away", s => s.Gone()),
        ("listener-away", s => s.Gone(listened: 59, openings: 1).Count("OutRsts", 30)),
        ("listener-away", s => s.Listener(limit: 128).At(now => now.Listeners[0].Openings = 4)),
        ("listener-away", s => s.Listener(limit: 128).At(now => now.Listeners[0].Openings = 2).Count("OutRsts", 30)),

        // refused at once; far away and many; one person at a keyboard; answered meanwhile; lost SYNs among many connects
        ("connect-unanswered", s => s.Count("ActiveOpens", 5000).Count("AttemptFails", 5000)),
        ("connect-unanswered", s => s.Waits(60, seconds: 3600).Count("ActiveOpens", 6000)),
        ("connect-unanswered", s => s.Waits(2, seconds: 60).Count("ActiveOpens", 2)),
        ("connect-unanswered", s => s.At(now => now.SynSentSeconds = 500).Count("ActiveOpens", 100)),
        ("connect-unanswered", s => s.Waits(1, seconds: 120).Count("ActiveOpens", 60_000)),

        // two clients that tried once; many connects with some lost SYNs; clients of this host's own full listener
        ("connect-unanswered", s => s.Waits(2, seconds: 120, resent: 2).Count("ActiveOpens", 60_000)),
        ("connect-unanswered", s => s.Waits(1, seconds: 120, resent: 1, since: 120).Count("ActiveOpens", 60_000)),
        ("connect-unanswered", s => s.Waits(40, seconds: 2400, resent: 19, since: 900).Count("ActiveOpens", 60_000)),
        ("connect-unanswered", s => s.Listener(port: 5432, length: 9, limit: 8).Waits(9, seconds: 540, resent: 9, isLocal: true).Count("ActiveOpens", 9)),
        ("connect-unanswered", s => s.Listener(port: 5432, length: 9, limit: 8).Waits(9, seconds: 540, resent: 9, isLocal: true).Waits(2, seconds: 540, "10.0.0.3").Count("ActiveOpens", 20)),
        ("application-not-reading", s => s.Listener().Unread(9, established: 9)),
        ("application-not-reading", s => s.Listener().Unread(79, established: 100)),

        // a deployment: clients back within seconds; back by now; long ago
        ("connections-lost", s => s.Open(10).Fell(from: 1000, ago: 5)),
        ("connections-lost", s => s.Open(700).Fell(from: 1000, ago: 20)),
        ("connections-lost", s => s.Open(10).Fell(from: 1000, ago: 301)),
        ("connections-lost", s => s.Open(10)),
        ("ports-exhausted", s => s.Ports(27949)),
        ("ports-exhausted", s => s.Set(Sysctl.TcpTwReuse, 1).Ports(28232, timeWait: 5000)),
        ("ports-exhausted", s => s.Ports(28232, timeWait: 5000, isLoopback: true)),
        ("aborts-for-memory", s => s.Count("TCPAbortOnMemory", 2)),
        ("tw-recycle", s => s.Set(Sysctl.TcpTwRecycle, 0)),
        ("tw-recycle", s => s.Lack(Sysctl.TcpTwRecycle)),
        ("accept-queue-filling", s => s.Listener(limit: 10, peak: 9)),
        ("accept-queue-filling", s => s.Listener(limit: 2, length: 3)),
        ("accept-queue-filling", s => s.Listener(length: 9, limit: 8, dropped: 3).Count("ListenDrops", 3).Count("ListenOverflows", 3)),
        ("accept-queue-filling", s => s.Listener(peak: 9, limit: 8, dropped: 11).Count("ListenDrops", 11).Count("PassiveOpens", 18_000)),
        ("accept-queue-wait", s => s.Listener(length: 4).Waiting(0.99)),
        ("accept-queue-wait", s => s.Listener(length: 4).Waiting(double.NaN)),

        // it is full or loses connections: that comes first
        ("accept-queue-wait", s => s.Listener(length: 9, limit: 8).Waiting(3)),
        ("accept-queue-wait", s => s.Listener(length: 9, limit: 8, dropped: 3).Count("ListenDrops", 3).Count("ListenOverflows", 3).Waiting(3)),
        ("syn-queue-overflowing", s => s.Count("TCPReqQFullDoCookies", 2).Listener(limit: 16, synPeak: 15)),
        ("syn-queue-overflowing", s => s.Set(Sysctl.TcpSyncookies, 2).Count("TCPReqQFullDoCookies", 5000)),
        ("close-wait-leak", s => s.Sockets(TcpState.CloseWait, 20).Open(20)),
        ("close-wait-leak", s => s.Sockets(TcpState.CloseWait, 500).Open(10000)),
        ("close-wait-leak", s => s.Sockets(TcpState.CloseWait, 500, earlier: 3).Open(500)),
        ("close-wait-leak", s => s.Sockets(TcpState.CloseWait, 30).Open(30).At(now => now.Kernel.CloseWaitUnaccepted = 10)),
        ("close-wait-leak", s => s.Sockets(TcpState.CloseWait, 100).Open(400).Count("PassiveOpens", 12_000)),
        ("close-wait-leak", s =>
        {
            s.Sockets(TcpState.CloseWait, 100).Open(400);
            s.LeastCloseWait = 20;
        }),
        ("close-wait-unaccepted", s => s.Listener(length: 61).At(now => now.Kernel.CloseWaitUnaccepted = 6)),
        ("close-wait-unaccepted", s => s.Listener(length: 9, limit: 8).At(now => now.Kernel.CloseWaitUnaccepted = 6)),
        ("close-wait-unaccepted", s => s.Listener(length: 5).At(now => now.Kernel.CloseWaitUnaccepted = 5)),
        ("ports-filling", s => s.Ports(22585, all: 25408)),
        ("ports-filling", s => s.Ports(28232)),
        ("ports-filling", s => s.Ports(25000, timeWait: 5000, isLoopback: true)),
        ("time-wait-full", s => s.Count("TCPTimeWaitOverflow", 2)),
        ("orphans-near-limit", s => s.At(now => now.Host.Sockets = new HostSockets { Orphans = 24576 })),
        ("tcp-memory-pressure", s => s.At(now => now.Host.Sockets = new HostSockets { MemoryPages = 125738 })),
        ("softnet-drops", s => s.At(now => now.Host.Machine.Softnet.Dropped = 2)),
        ("udp-receiver-drops", s => s.At(now => now.UdpDrops = 2)),
        ("udp-receiver-drops", s => s.At(now => now.Kernel[SourceId.Udp] = ReadResult.Absent)),
        ("unix-queue-full", s => s.Unix(8, 8)),
        ("unix-queue-full", s => s.Unix(9, 8, seconds: 1)),
        ("unix-queue-full", s => s.Unix(0, 8).At(now => now.UnixListeners[0].FillRatioPeak = 1.125)),
        ("unix-queue-full", s => s.At(now => now.Kernel[SourceId.Unix] = ReadResult.Absent)),
        ("unix-queue-full", s => s.At(now => now.Kernel[SourceId.Unix] = default)),
        ("conntrack-table-full", s => s.Conntrack(262_144, dropped: 2)),

        // clashing entries
        ("conntrack-table-full", s => s.Conntrack(249_036, dropped: 300)),
        ("conntrack-table-full", s => s.At(now => now.Kernel[SourceId.Conntrack] = ReadResult.Absent).Lack(Sysctl.NfConntrackMax)),
        ("conntrack-table-near-limit", s => s.Conntrack(222_822)),
        ("conntrack-table-near-limit", s => s.Conntrack(262_144, dropped: 3)),
        ("conntrack-table-near-limit", s => s.Conntrack(900_000).Set(Sysctl.NfConntrackMax, 0)),
        ("retransmissions", s => s.Count("RetransSegs", 300).Count("OutSegs", 100)),
        ("retransmissions", s => s.Count("RetransSegs", 400).Count("OutSegs", 7600)),

        // handshakes, probes, and clients on this host whose data meets a full accept queue
        ("retransmissions", s => s.Count("RetransSegs", 4000).Count("OutSegs", 6000).Count("TCPSynRetrans", 3900)),
        ("retransmissions", s => s.Count("RetransSegs", 4000).Count("OutSegs", 6000).Count("TCPSynRetrans", 2000).Count("TCPDSACKRecv", 1900)),
        ("retransmissions", s => s.Count("RetransSegs", 900).Count("OutSegs", 50).Count("TCPSynRetrans", 300).Count("ListenDrops", 600).Count("ListenOverflows", 600)),
        ("reset-storm", s => s.Count("EstabResets", 300).Count("PassiveOpens", 10)),
        ("reset-storm", s => s.Count("EstabResets", 400).Count("PassiveOpens", 800).Count("ActiveOpens", 800)),
        ("syncookies-off", s => s.Set(Sysctl.TcpSyncookies, 2)),
        ("syncookies-always", s => s.Set(Sysctl.TcpSyncookies, 1)),
        ("abort-on-overflow", s => s.Set(Sysctl.TcpAbortOnOverflow, 0)),
        ("tcp-mem-in-bytes", s => s.Set(Sysctl.TcpMem, 94302, 125738, 2097152)),
        ("tcp-mem-too-large", s => s.Set(Sysctl.TcpMem, 94302, 125738, 699050)),
        ("tcp-mem-too-large", s => s.Set(Sysctl.TcpMem, 386260992, 515022848, 772521984)),
        ("tcp-mem-too-small", s => s.Set(Sysctl.TcpMem, 10000, 20000, 41944)),
        ("tcp-mem-too-small", s => s.Set(Sysctl.TcpMem, 10000, 20000, 1048576).At(now => now.Host.Machine.MemoryBytes = 8L << 40)),
        ("buffer-sizes-inconsistent", s => s.Set(Sysctl.TcpRmem, 4096, 4096, 4096)),
        ("buffer-sizes-inconsistent", s => s.Set(Sysctl.TcpRmem, 4096, 131072, 33554432)),
        ("listener-dropped-earlier", s => s.Listener(droppedBefore: 5)),
        ("listener-dropped-earlier", s => s.Listener().At(now => now.Kernel.Listeners[0].Drops = 600).Count("ListenDrops", 600)),
        ("listener-dropped-earlier", s => s.Listener(droppedBefore: 600, dropped: 30).Count("ListenDrops", 30)),
        ("listener-dropped-earlier", s => s.Gone(ago: 3700, lost: 60)),
        ("backlog-below-somaxconn", s => s.Listener(limit: 511, peak: 255)),
        ("backlog-below-somaxconn", s => s.Set(Sysctl.Somaxconn, 128).Listener(limit: 128)),
        ("backlog-below-somaxconn", s => s.Listener(port: 22, unit: "ssh.service", limit: 128)),
        ("backlog-below-somaxconn", s => s.Listener(limit: 128, peak: 129)),
        ("backlog-below-somaxconn", s => s.Set(Sysctl.Somaxconn, 1048576).Listener(limit: 65535, peak: 65536)),
        ("somaxconn-caps-backlog", s => s.Listener(limit: 4096, peak: 2048)),
        ("somaxconn-caps-backlog", s => s.Listener(limit: 128, peak: 128)),
        ("somaxconn-caps-backlog", s => s.Set(Sysctl.Somaxconn, 65535).Listener(limit: 65535, peak: 65536)),
        ("syncookies-failed", s => s.Count("SyncookiesFailed", 2)),
        ("time-wait-near-limit", s => s.At(now => now.Kernel.Sockstat.TcpTimeWait = 27852)),
        ("time-wait-near-limit", s => s.Set(Sysctl.TcpMaxTwBuckets, 0)),
        ("time-wait-near-limit", s => s.At(now => now.Kernel.Sockstat.TcpTimeWait = 32768).Count("TCPTimeWaitOverflow", 30)),
        ("time-wait-near-limit", s => s.Set(Sysctl.TcpMaxTwBuckets, -1).Count("TCPTimeWaitOverflow", 0)),
        ("port-range-narrow", s => s.Set(Sysctl.IpLocalPortRange, 40000, 54115)),
        ("port-range-shares-listeners", s => s.Listener(port: 32767).Listener(port: 61000)),
        ("port-range-shares-listeners", s => s.Listener(port: 50051, address: "127.0.0.1")),
        ("port-range-shares-listeners", s => s.Listener(port: 50051).At(now => AddPorts(now.Kernel.Sysctls.ReservedPorts, 50051, 50051))),
        ("fin-timeout-lowered", s => s.Set(Sysctl.TcpFinTimeout, 60)),
        ("buffer-max-without-autotuning", s => s.Set(Sysctl.RmemMax, 6291456).Set(Sysctl.WmemMax, 4194304)),
        ("buffer-max-without-autotuning", s => s.Set(Sysctl.RmemMax, 4194304).Set(Sysctl.WmemMax, 4194304).Set(Sysctl.TcpRmem, 4096, 131072, 2097152).Set(Sysctl.TcpWmem, 4096, 16384, 2097152)),
        ("keepalive-late", s => s.Set(Sysctl.TcpKeepaliveTime, 239).Count("TCPAbortOnTimeout", 100)),
        ("keepalive-late", s => s.Sockets(TcpState.Established, 1000)),
        ("keepalive-late", s => s.Count("TCPAbortOnTimeout", 13).Idle(0)),
        ("keepalive-late", s => s.Idle(1000)),
        ("keepalive-timeout-short", s => s.Listener().ClosesIdle(0, closes: 0)),
        ("keepalive-timeout-short", s => s.Listener().ClosesIdle(75, closes: 60)),
        ("keepalive-timeout-short", s => s.Listener().ClosesIdle(5, closes: 40, longer: 11)),
        ("keepalive-late", s => s.Count("TCPAbortOnTimeout", 12).Count("AttemptFails", 10)),
    ];

    private static readonly (string Id, Action<Scene> Make)[] NotTelling =
    [
        ("listener-dropping", s => s.Fail(SourceId.Netstat)),
        ("listener-dropping", s => s.Fail(SourceId.Listeners)),
        ("listener-dropping", s => s.Count("ListenDrops", 500).Count("ListenOverflows", 500).At(now => now.Kernel[SourceId.Listeners] = ReadResult.Failed(SourceError.Stale))),
        ("listener-stuck-worker", s => s.Fail(SourceId.Listeners)),
        ("listener-stuck-worker", s => s.Listener(hasLimit: false)),
        ("syn-queue-dropping", s => s.Lack(Sysctl.TcpSyncookies)),
        ("syn-queue-dropping", s => s.Fail(SourceId.Netstat)),
        ("ports-exhausted", s => s.Fail(SourceId.Sweep)),
        ("ports-exhausted", s => s.Ports(0, limit: -1)),
        ("aborts-for-memory", s => s.Fail(SourceId.Netstat)),
        ("tw-recycle", s => s.Fail(SourceId.Sysctl)),
        ("accept-queue-filling", s => s.Fail(SourceId.Listeners)),
        ("accept-queue-filling", s => s.Listener(hasLimit: false)),
        ("accept-queue-wait", s => s.Fail(SourceId.Listeners)),
        ("accept-queue-wait", s => s.Listener(hasLimit: false)),
        ("syn-queue-overflowing", s => s.Lack(Sysctl.TcpSyncookies)),
        ("syn-queue-overflowing", s => s.Fail(SourceId.Netstat)),
        ("close-wait-leak", s => s.Fail(SourceId.Sockets)),
        ("close-wait-leak", s => s.Fail(SourceId.Snmp)),
        ("close-wait-unaccepted", s => s.Fail(SourceId.Sockets)),
        ("ports-filling", s => s.Fail(SourceId.Sweep)),
        ("time-wait-full", s => s.Fail(SourceId.Netstat)),
        ("time-wait-full", s => s.Lack(Sysctl.TcpMaxTwBuckets)),
        ("orphans-near-limit", s => s.Lack(Sysctl.TcpMaxOrphans)),
        ("orphans-near-limit", s => s.At(now => now.Host.Sockets = null)),
        ("tcp-memory-pressure", s => s.Lack(Sysctl.TcpMem)),
        ("softnet-drops", s => s.At(now => now.Host.Machine.HasSoftnet = false)),
        ("udp-receiver-drops", s => s.Fail(SourceId.Udp)),
        ("unix-queue-full", s => s.Fail(SourceId.Unix)),
        ("conntrack-table-full", s => s.Fail(SourceId.Conntrack)),
        ("conntrack-table-near-limit", s => s.Lack(Sysctl.NfConntrackMax)),
        ("retransmissions", s => s.Fail(SourceId.Snmp)),
        ("reset-storm", s => s.Fail(SourceId.Snmp)),
        ("syncookies-off", s => s.Lack(Sysctl.TcpSyncookies)),
        ("syncookies-always", s => s.Lack(Sysctl.TcpSyncookies)),
        ("abort-on-overflow", s => s.Lack(Sysctl.TcpAbortOnOverflow)),
        ("tcp-mem-in-bytes", s => s.Lack(Sysctl.TcpMem)),
        ("tcp-mem-in-bytes", s => s.At(now => now.Host.Machine.MemoryBytes = 0)),
        ("tcp-mem-too-large", s => s.Lack(Sysctl.TcpMem)),
        ("tcp-mem-too-small", s => s.Lack(Sysctl.TcpMem)),
        ("buffer-sizes-inconsistent", s => s.Lack(Sysctl.TcpRmem)),
        ("listener-gone", s => s.Fail(SourceId.Listeners)),
        ("listener-gone", s => s.Fail(SourceId.Snmp)),
        ("listener-lost-lately", s => s.Fail(SourceId.Listeners)),
        ("listener-lost-lately", s => s.Fail(SourceId.Netstat)),
        ("connect-unanswered", s => s.Fail(SourceId.Sockets)),
        ("connect-unanswered", s => s.Fail(SourceId.Snmp)),
        ("application-not-reading", s => s.Fail(SourceId.Sweep)),
        ("connections-lost", s => s.Fail(SourceId.Snmp)),
        ("connections-lost", s => s.Fail(SourceId.Netstat)),
        ("listener-away", s => s.Fail(SourceId.Listeners)),
        ("listener-dropped-earlier", s => s.Fail(SourceId.Listeners)),
        ("listener-dropped-earlier", s => s.Fail(SourceId.Netstat)),
        ("backlog-below-somaxconn", s => s.Lack(Sysctl.Somaxconn)),
        ("backlog-below-somaxconn", s => s.Listener(hasLimit: false)),
        ("somaxconn-caps-backlog", s => s.Lack(Sysctl.Somaxconn)),
        ("syncookies-failed", s => s.Fail(SourceId.Netstat)),
        ("time-wait-near-limit", s => s.Fail(SourceId.Sockstat)),
        ("port-range-narrow", s => s.Lack(Sysctl.IpLocalPortRange)),
        ("port-range-narrow", s => s.Set(Sysctl.IpLocalPortRange, 60999, 70000)),
        ("port-range-shares-listeners", s => s.Fail(SourceId.Listeners)),
        ("fin-timeout-lowered", s => s.Fail(SourceId.Sysctl)),
        ("buffer-max-without-autotuning", s => s.Lack(Sysctl.WmemMax)),
        ("keepalive-late", s => s.Lack(Sysctl.TcpKeepaliveTime)),
        ("keepalive-timeout-short", s => s.Fail(SourceId.Sweep)),
    ];

    public static TheoryData<string, int> Holds => Numbered(Holding);

    public static TheoryData<string, int> DoesNotHold => Numbered(NotHolding);

    public static TheoryData<string, int> CannotTell => Numbered(NotTelling);

    [Theory]
    [MemberData(nameof(Holds))]
    public void Rule_matches(string id, int number)
    {
        var judgement = Judge(id, Holding[number].Make);

        judgement.Reason.ShouldBeNull();
        var finding = judgement.Finding.ShouldNotBeNull();
        finding.Title.ShouldNotEndWith(".");
        finding.Measured.ShouldNotBeEmpty();
        finding.Measured.ShouldContain(line => line.Any(char.IsAsciiDigit), "numbers of this host");
        finding.Why.ShouldEndWith(".");
        finding.Changes.ShouldNotBeEmpty();
        finding.Losses.ShouldAllBe(loss => loss.Recent <= loss.Total);
        finding.Cost.ShouldEndWith(".");
        File.Exists(Path.Combine(Runbooks, finding.Runbook + ".md")).ShouldBeTrue(finding.Runbook);
        finding.Changes.ShouldAllBe(change => change.Parameter == null || (change.Value.Length > 0 && change.Value != change.Old));
    }

    [Theory]
    [MemberData(nameof(DoesNotHold))]
    public void Rule_does_not_match(string id, int number) => Judge(id, NotHolding[number].Make).ShouldBe(RuleResult.DoesNotHold);

    [Theory]
    [MemberData(nameof(CannotTell))]
    public void Rule_cannot_be_checked(string id, int number)
    {
        var judgement = Judge(id, NotTelling[number].Make);

        judgement.Finding.ShouldBeNull();
        judgement.Reason.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Every_rule_is_tested_in_all_three_ways()
    {
        var rules = RuleBook.All.Select(rule => rule.Id).Order(StringComparer.Ordinal).ToArray();

        foreach (var cases in new[] { Holding, NotHolding, NotTelling })
        {
            cases.Select(entry => entry.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(rules);
        }
    }

    [Fact]
    public void A_healthy_host_has_no_findings()
    {
        var advice = new Scene().Listener(port: 443, limit: 4096, length: 3, peak: 40).Advise();

        advice.Judged.ShouldAllBe(judged => judged.RuleResult == RuleResult.DoesNotHold);
        advice.Worst.ShouldBeNull();
    }

    /// <summary>Those of a pod cannot be read from outside.</summary>
    [Fact]
    public void Without_kernel_parameters_advice_on_ports_says_what_it_takes_for_granted()
    {
        var finding = new Scene().Ports(28232).Fail(SourceId.Sysctl).Judge("ports-exhausted").Finding.ShouldNotBeNull();
        finding.Measured[0].ShouldContain("28,232 ports (the kernel's default for a network namespace");
        finding.Measured[1].ShouldNotContain("tcp_tw_reuse");
        finding.Changes.ShouldContain(change => change.Text.Contains("securityContext.sysctls", StringComparison.Ordinal));
    }

    /// <summary>The pod started anew within the window: at its start, only the last read of the old listeners was known.</summary>
    [Fact]
    public void What_a_listener_lost_since_its_last_read_before_a_restart_counts()
    {
        var scene = new Scene().Count("ListenDrops", 500).Count("ListenOverflows", 500).Listener(length: 129, limit: 128, dropped: 500);
        scene.Earlier.Kernel[SourceId.Listeners] = ReadResult.Failed(SourceError.Stale);
        new ListenerDropping().Judge(scene.Context).Finding!.Title.ShouldBe("0.0.0.0:8080 (web.service) is losing connections");
        scene.Earlier.IsStale = true;
        new ListenerDropping().Judge(scene.Context).Finding.ShouldBeNull("nothing is known of the host then");
    }

    [Fact]
    public void A_short_window_scales_the_threshold_as_a_rate()
    {
        var scene = new Scene { Window = TimeSpan.FromSeconds(2) };
        scene.Count("TCPAbortOnMemory", 2).Judge("aborts-for-memory").ShouldBe(RuleResult.DoesNotHold, "a stray packet or two");
        scene.Count("TCPAbortOnMemory", 3).Judge("aborts-for-memory").Finding.ShouldNotBeNull();

        scene.Window = TimeSpan.FromMinutes(10);
        scene.Count("TCPAbortOnMemory", 5).Judge("aborts-for-memory").ShouldBe(RuleResult.DoesNotHold);
        scene.Count("TCPAbortOnMemory", 6).Judge("aborts-for-memory").Finding.ShouldNotBeNull();
    }

    private static string Runbooks => Repository.Path("alerts/runbooks");

    private static RuleResult Judge(string id, Action<Scene> make)
    {
        var scene = new Scene();
        make(scene);
        return scene.Judge(id);
    }

    private static TheoryData<string, int> Numbered((string Id, Action<Scene> Make)[] cases)
    {
        var data = new TheoryData<string, int>();
        for (var i = 0; i < cases.Length; i++)
        {
            data.Add(cases[i].Id, i);
        }

        return data;
    }

    private static void AddPorts(PortSet ports, int low, int high)
    {
        for (var port = low; port <= high; port++)
        {
            ports.Add((ushort)port);
        }
    }

    /// <summary>
    /// /proc/sys/net/ipv4/tcp_mem, tcp_max_orphans and the processors' backlogs are checked once, in the host's own
    /// namespace.
    /// </summary>
    [Fact]
    public void Another_namespace_is_not_judged_by_host_wide_values() =>
        RuleBook.All.Except(RuleBook.OfNamespace).Select(rule => rule.Id).ShouldBe(
            ["orphans-near-limit", "softnet-drops", "tcp-mem-in-bytes", "tcp-mem-too-large", "tcp-mem-too-small", "tcp-memory-pressure"], ignoreOrder: true);
}
