using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Counters of <c>/proc/net/netstat</c> that increase when connections enter a state that no total in procfs shows, and that
/// jump when many do at once.
/// </summary>
/// <remarks>
/// DelayedACKs: a FIN moves a connection to CLOSE_WAIT and its socket into the mode that delays the acknowledgement
/// (tcp_fin(), inet_csk_enter_pingpong_mode()). It is counted 40 to 200 ms later, unless the process has closed by then and
/// so sent the acknowledgement along (tcp_delack_timer_handler()). Other traffic counts here too. TCPSynRetrans: after one
/// second, the kernel retransmits a SYN-ACK for each connection that is still in SYN_RECV (tcp_rtx_synack()). SyncookiesSent,
/// TCPReqQFullDrop: SYNs that found the SYN queue full, counted at once.
/// </remarks>
/// <param name="netstat">Reads the counters. Owned by this object.</param>
internal sealed class CounterJumps(ISource netstat) : IDisposable
{
    /// <summary>A smaller increase is not a jump.</summary>
    private const double LeastJump = 64;

    /// <summary>Nor is an increase below this multiple of the usual one.</summary>
    private const double Unusual = 2;

    /// <summary>Weight of one tick in the usual increase.</summary>
    private const double Weight = 1 / 16.0;

    private static readonly string[] Names = ["DelayedACKs", "TCPSynRetrans", "SyncookiesSent", "TCPReqQFullDrop"];

    private readonly TcpSnapshot _snapshot = new();
    private readonly ulong[] _last = new ulong[Names.Length];
    private readonly double[] _usual = new double[Names.Length];
    private TimeSpan? _lastAt;

    /// <summary>
    /// Returns true if one of them has jumped since the last call. What happened before the first call is unknown.
    /// </summary>
    /// <param name="now">Monotonic time.</param>
    public bool Jumped(TimeSpan now)
    {
        if (!netstat.Read(_snapshot).IsOk)
        {
            _lastAt = null;
            return false;
        }

        var seconds = (now - _lastAt)?.TotalSeconds ?? 0;
        var jumped = false;
        for (var i = 0; i < Names.Length; i++)
        {
            var index = _snapshot.Netstat.IndexOf(Names[i]);
            var value = index < 0 ? _last[i] : _snapshot.Netstat.Values[index];
            double moved = value - Math.Min(value, _last[i]);
            _last[i] = value;
            if (seconds > 0)
            {
                jumped |= moved >= LeastJump + (Unusual * _usual[i] * seconds);
                _usual[i] += Weight * ((moved / seconds) - _usual[i]);
            }
        }

        _lastAt = now;
        return jumped;
    }

    /// <inheritdoc/>
    public void Dispose() => netstat.Dispose();
}
