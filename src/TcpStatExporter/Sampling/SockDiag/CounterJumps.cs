using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Counters of <c>/proc/net/netstat</c> that move when connections come into a state that no sum of procfs shows, and that
/// jump when many do at once.
/// </summary>
/// <remarks>
/// DelayedACKs: a FIN puts a connection into CLOSE_WAIT and the socket into the mode that delays the acknowledgement
/// (tcp_fin(), inet_csk_enter_pingpong_mode()); it is counted 40 to 200 ms later, unless the process has closed and so
/// sent it along by then (tcp_delack_timer_handler()). Other traffic counts here too.
/// TCPSynRetrans: the kernel sends a SYN-ACK again after a second, for each connection that is still in SYN_RECV
/// (tcp_rtx_synack()).
/// SyncookiesSent, TCPReqQFullDrop: SYNs that found the queue of half-open connections full, at once.
/// </remarks>
/// <param name="netstat">Reads the counters; owned.</param>
internal sealed class CounterJumps(ISource netstat) : IDisposable
{
    /// <summary>Fewer are no news.</summary>
    private const double LeastJump = 64;

    /// <summary>Nor are fewer than so many times the usual.</summary>
    private const double Unusual = 2;

    /// <summary>Part of the usual that one tick makes up.</summary>
    private const double Weight = 1 / 16.0;

    private static readonly string[] Names = ["DelayedACKs", "TCPSynRetrans", "SyncookiesSent", "TCPReqQFullDrop"];

    private readonly TcpSnapshot _snapshot = new();
    private readonly ulong[] _last = new ulong[Names.Length];
    private readonly double[] _usual = new double[Names.Length];
    private TimeSpan? _lastAt;

    /// <summary>Whether one of them has jumped since the last call. What it did before the first one is not known.</summary>
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
