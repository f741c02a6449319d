using System.Globalization;
using System.Net;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>
/// The TCP values of a namespace, one per line, in the same format whether they come from the standard tools or the exporter.
/// A diff of the lines shows differences. Excludes values that a scrape itself changes (segments), that the kernel's timers
/// change (retransmissions), and host-wide values.
/// </summary>
internal static class Figures
{
    private static readonly (string Name, TcpState State)[] States =
    [
        ("established", TcpState.Established),
        ("syn_sent", TcpState.SynSent),
        ("syn_recv", TcpState.SynRecv),
        ("fin_wait1", TcpState.FinWait1),
        ("fin_wait2", TcpState.FinWait2),
        ("time_wait", TcpState.TimeWait),
        ("close", TcpState.Close),
        ("close_wait", TcpState.CloseWait),
        ("last_ack", TcpState.LastAck),
        ("listen", TcpState.Listen),
        ("closing", TcpState.Closing),
    ];

    private static readonly (string Kernel, string Metric)[] Counters =
    [
        ("TcpActiveOpens", "tcpstat_tcp_active_opens_total"),
        ("TcpPassiveOpens", "tcpstat_tcp_passive_opens_total"),
        ("TcpAttemptFails", "tcpstat_tcp_attempt_fails_total"),
        ("TcpEstabResets", "tcpstat_tcp_estab_resets_total"),
        ("TcpOutRsts", "tcpstat_tcp_out_rsts_total"),
        ("TcpExtListenOverflows", "tcpstat_tcpext_listen_overflows_total"),
        ("TcpExtListenDrops", "tcpstat_tcpext_listen_drops_total"),
        ("TcpExtTCPReqQFullDoCookies", "tcpstat_tcpext_req_q_full_do_cookies_total"),
        ("TcpExtTCPReqQFullDrop", "tcpstat_tcpext_req_q_full_drop_total"),
        ("TcpExtSyncookiesSent", "tcpstat_tcpext_syncookies_sent_total"),
        ("TcpExtSyncookiesRecv", "tcpstat_tcpext_syncookies_recv_total"),
        ("TcpExtSyncookiesFailed", "tcpstat_tcpext_syncookies_failed_total"),
        ("TcpExtTW", "tcpstat_tcpext_tw_total"),
        ("TcpExtTCPTimeWaitOverflow", "tcpstat_tcpext_time_wait_overflow_total"),
        ("TcpExtTCPAbortOnClose", "tcpstat_tcpext_abort_on_close_total"),
        ("TcpExtEmbryonicRsts", "tcpstat_tcpext_embryonic_rsts_total"),
    ];

    /// <summary>Names of the states in the label, and the kernel's states.</summary>
    public static IReadOnlyList<(string Name, TcpState State)> StateNames => States;

    /// <summary>Returns the values from ss, nstat and /proc.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="isProcfs">Without limits and drops of listeners, which procfs does not print.</param>
    public static string ByTools(NetNamespace ns, bool isProcfs = false)
    {
        var sockets = Ss.Sockets(ns);
        var counters = Nstat.Read(ns);
        var lines = new List<string>();
        lines.AddRange(States.Select(state => $"{state.Name} {sockets.Count(socket => socket.State == state.State)}"));
        lines.Add($"close_wait unaccepted {sockets.Count(socket => socket is { State: TcpState.CloseWait, Inode: 0 })}");
        lines.AddRange(sockets
            .Where(socket => socket.State == TcpState.Listen)
            .GroupBy(socket => (Address: AddressOf(socket), Port: socket.LocalPort))
            .Select(group => Listener(
                group.Key.Address,
                $"{group.Key.Port}",
                group.Count(),
                group.Sum(socket => socket.ReceiveQueue),
                isProcfs ? null : group.Sum(socket => socket.SendQueue),
                isProcfs ? null : group.Sum(socket => socket.Drops!.Value),
                sockets.Count(socket => socket.State == TcpState.SynRecv && IsOf(socket, group.First()))))
            .Order(StringComparer.Ordinal));
        lines.Add($"in use ipv4 {ProcNet.Sockstat(ns, "TCP", "inuse")}");
        lines.Add($"in use ipv6 {(ns.HasIPv6 ? ProcNet.Sockstat(ns, "TCP6", "inuse") : 0)}");
        lines.Add($"minisockets {ProcNet.Sockstat(ns, "TCP", "tw")}");
        lines.Add($"TcpCurrEstab {ProcNet.Counter(ns, "snmp", "Tcp", "CurrEstab")}");
        lines.AddRange(Counters.Select(counter => $"{counter.Kernel} {counters[counter.Kernel]}"));
        return string.Join('\n', lines);
    }

    /// <summary>Returns the values from the exporter.</summary>
    /// <param name="scrape">The scrape.</param>
    public static string ByExporter(Scrape scrape)
    {
        var lines = new List<string>();
        lines.AddRange(States.Select(state => $"{state.Name} {scrape.Value("tcpstat_connections", ("state", state.Name))}"));
        lines.Add($"close_wait unaccepted {scrape.Value("tcpstat_close_wait_unaccepted_connections")}");
        lines.AddRange(scrape.Samples("tcpstat_listen_sockets")
            .Select(sockets =>
            {
                double? Of(string name)
                {
                    (string, string)[] labels = [.. sockets.Labels.Select(label => (label.Key, label.Value))];
                    return scrape.Contains(name, labels) ? scrape.Value(name, labels) : null;
                }

                return Listener(
                    sockets["address"],
                    sockets["port"],
                    sockets.Value,
                    Of("tcpstat_listen_queue_length"),
                    Of("tcpstat_listen_queue_limit"),
                    Of("tcpstat_listen_drops_total"),
                    Of("tcpstat_listen_syn_queue_length"));
            })
            .Order(StringComparer.Ordinal));
        lines.Add($"in use ipv4 {scrape.Value("tcpstat_sockets_in_use", ("family", "ipv4"))}");
        var hasIPv6 = scrape.Contains("tcpstat_sockets_in_use", ("family", "ipv6"));
        lines.Add($"in use ipv6 {(hasIPv6 ? scrape.Value("tcpstat_sockets_in_use", ("family", "ipv6")) : 0)}");
        lines.Add($"minisockets {scrape.Value("tcpstat_sockets_time_wait")}");
        lines.Add($"TcpCurrEstab {scrape.Value("tcpstat_tcp_curr_estab")}");
        lines.AddRange(Counters.Select(counter => $"{counter.Kernel} {scrape.Value(counter.Metric)}"));
        return string.Join('\n', lines);
    }

    private static string Listener(string address, string port, double sockets, double? length, double? limit, double? drops, double? synQueue) =>
        string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port} sockets={sockets} length={length} limit={limit} drops={drops} syn={synQueue}");

    /// <summary>ss prints * for a :: that accepts IPv4 too.</summary>
    private static string AddressOf(SsSocket listener) => listener.Local is "*" ? "::" : listener.Local;

    private static bool IsOf(SsSocket socket, SsSocket listener) =>
        socket.LocalPort == listener.LocalPort
        && (socket.Local.Equals(listener.Local, StringComparison.Ordinal) || listener.Local is "*" || IPAddress.Parse(listener.Local) is { } address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}
