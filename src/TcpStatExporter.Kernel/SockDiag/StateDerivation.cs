using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// Derives ESTABLISHED and TIME_WAIT without a row for each socket: from a dump of the other states (<see
/// cref="InetDiagRequest.Filtered"/>), CurrEstab in <c>/proc/net/snmp</c>, and <c>/proc/net/sockstat</c>. All of them are
/// from one network namespace and read in direct succession.
/// </summary>
/// <remarks>
/// CurrEstab: sockets in ESTABLISHED or CLOSE_WAIT (net/ipv4/tcp.c, tcp_set_state()). tw: minisockets in TIME_WAIT or
/// FIN_WAIT2 (net/ipv4/inet_timewait_sock.c). Before Linux 4.10 it counts the whole host, which cannot be detected here, so
/// the caller has to know. inuse: sockets in the kernel's tables, that is full sockets in every state except CLOSE, including
/// orphans and connections not accepted yet. inet_ehash_nolisten() and __inet_hash() increment it. inet_unhash() decrements
/// it, and so does a minisocket that replaces a socket (inet_twsk_hashdance()). Request sockets and minisockets never count,
/// and a v4-mapped socket counts under TCP6.
/// </remarks>
public static class StateDerivation
{
    /// <summary>The two ways to count ESTABLISHED may differ by this many sockets, whatever the size of the host.</summary>
    /// <remarks>
    /// On a small host, the three reads take one or two milliseconds. At 33,000 connections per second, the largest
    /// difference in 2,000 samples was 4.
    /// </remarks>
    public const long AbsoluteTolerance = 32;

    /// <summary>In addition, they may differ by this share of ESTABLISHED: one in this many.</summary>
    /// <remarks>
    /// A dump takes about 120 ns per socket, so the changes during the dump grow with the number of sockets. 0.8 % of them is
    /// 65,000 per second, all in the same direction.
    /// </remarks>
    public const long RelativeTolerance = 128;

    /// <summary>Completes a filtered dump.</summary>
    /// <param name="filtered">
    /// The tally of the filtered dump. It may contain rows in ESTABLISHED and TIME_WAIT, if a socket changed its state during
    /// the dump. They are ignored.
    /// </param>
    /// <param name="currEstab">Tcp CurrEstab of <c>/proc/net/snmp</c>.</param>
    /// <param name="sockstat">Values of sockstat and sockstat6.</param>
    public static DerivedStates Derive(SocketTally filtered, long currEstab, in SockstatCounts sockstat)
    {
        ArgumentNullException.ThrowIfNull(filtered);
        var states = filtered.States;
        states[TcpState.Established] = 0;
        states[TcpState.TimeWait] = 0;

        // CLOSE: a socket that left the table after it was selected and before it was written
        var otherInUse = states.Total - states[TcpState.Close] - filtered.RequestSockets - filtered.FinWait2Minisockets;
        var inUse = sockstat.TcpInUse + (sockstat.HasTcp6 ? sockstat.Tcp6InUse : 0);

        var established = currEstab - states[TcpState.CloseWait];
        var timeWait = sockstat.TcpTimeWait - filtered.FinWait2Minisockets;
        var disagreement = established - (inUse - otherInUse);
        var below0 = Math.Max(0, -timeWait);
        disagreement += disagreement < 0 ? -below0 : below0;

        states[TcpState.Established] = Math.Max(0, established);
        states[TcpState.TimeWait] = Math.Max(0, timeWait);
        var tolerance = AbsoluteTolerance + (Math.Max(0, established) / RelativeTolerance);
        return new DerivedStates(states, disagreement, Math.Abs(disagreement) <= tolerance);
    }
}
