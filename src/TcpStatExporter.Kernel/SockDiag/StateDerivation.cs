using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// ESTABLISHED and TIME_WAIT without a row for each: from a dump of the other states
/// (<see cref="InetDiagRequest.Filtered"/>), CurrEstab of <c>/proc/net/snmp</c> and <c>/proc/net/sockstat</c>, all of
/// one network namespace and read one right after another.
/// </summary>
/// <remarks>
/// CurrEstab: sockets in ESTABLISHED or CLOSE_WAIT (net/ipv4/tcp.c, tcp_set_state()).
/// tw: minisockets, in TIME_WAIT or FIN_WAIT2 (net/ipv4/inet_timewait_sock.c); before Linux 4.10 those of the whole host,
/// which nothing here can tell: the caller has to know.
/// inuse: sockets in the kernel's tables, that is full sockets in every state but CLOSE, orphans and connections not
/// accepted yet among them: counted up by inet_ehash_nolisten() and __inet_hash(), down by inet_unhash() and when a
/// minisocket takes a socket's place (inet_twsk_hashdance()). Request sockets and minisockets never count, and a
/// v4-mapped socket counts under TCP6.
/// </remarks>
public static class StateDerivation
{
    /// <summary>Sockets that the two ways to count ESTABLISHED may differ by, whatever the host's size.</summary>
    /// <remarks>The three reads of a small host lie within a millisecond or two. At 33,000 connections a second the largest of 2,000 samples was 4.</remarks>
    public const long AbsoluteTolerance = 32;

    /// <summary>The part of ESTABLISHED that they may differ by besides: one in this many.</summary>
    /// <remarks>
    /// The dump takes about 120 ns a socket, so what churn changes while it runs grows with the number of sockets:
    /// 0.8 % of them is 65,000 a second, all of them in the same direction.
    /// </remarks>
    public const long RelativeTolerance = 128;

    /// <summary>Completes a filtered dump.</summary>
    /// <param name="filtered">The filtered dump's tally. Rows in ESTABLISHED and TIME_WAIT, seen when a socket changes state during the dump, are no matter.</param>
    /// <param name="currEstab">Tcp CurrEstab of <c>/proc/net/snmp</c>.</param>
    /// <param name="sockstat">What sockstat and sockstat6 say.</param>
    public static DerivedStates Derive(SocketTally filtered, long currEstab, in SockstatCounts sockstat)
    {
        ArgumentNullException.ThrowIfNull(filtered);
        var states = filtered.States;
        states[TcpState.Established] = 0;
        states[TcpState.TimeWait] = 0;

        // CLOSE: a socket that left the table between being selected and being written
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
