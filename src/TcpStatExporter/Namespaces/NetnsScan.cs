using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// What the full scans of the sockets of one name found. Three outages move no counter, so nothing else shows them: connections
/// that an application does not close, connects that nobody answers, and ephemeral ports that run out.
/// </summary>
internal sealed class NetnsScan
{
    private static readonly TimeSpan LeastLeak = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(3);

    private TimeSpan? _leakingSince;
    private TimeSpan? _unansweredSince;
    private bool _isShortOfPorts;
    private TimeSpan _at;

    /// <summary>When it was last tried. Null before the first time.</summary>
    public TimeSpan? TriedAt { get; set; }

    /// <summary>When it was first due. Null before that.</summary>
    public TimeSpan? WantedAt { get; set; }

    /// <summary>CPU time that was taken from the budget for a scan that has yet to run. Null if none is to run.</summary>
    public TimeSpan? Paid { get; set; }

    /// <summary>CPU time of the last scan.</summary>
    public TimeSpan Cost { get; set; }

    /// <summary>Connections in CLOSE_WAIT that a process holds. Null before the first scan.</summary>
    public long? CloseWaitHeld { get; private set; }

    /// <summary>The last scan found what is trouble if it lasts.</summary>
    public bool IsSuspect => _leakingSince is not null || _unansweredSince is not null;

    /// <summary>It lasted, or one destination uses most of the ephemeral ports.</summary>
    public bool IsTrouble => _at - _leakingSince >= LeastLeak || _at - _unansweredSince >= LeastWait || _isShortOfPorts;

    /// <summary>Takes a scan.</summary>
    /// <param name="tally">What it found.</param>
    /// <param name="openedPerSecond">Connections opened and accepted per second. About as many are closed.</param>
    /// <param name="now">Monotonic time.</param>
    public void Take(SocketTally tally, double openedPerSecond, TimeSpan now)
    {
        var held = tally.States[TcpState.CloseWait] - tally.CloseWaitUnaccepted;
        CloseWaitHeld = held;
        _at = now;
        var open = tally.States[TcpState.Established] + tally.States[TcpState.CloseWait];
        var isLeaking = held > Thresholds.CloseWait && held > Thresholds.CloseWaitShare * open;
        _leakingSince = isLeaking ? _leakingSince ?? now : null;
        _unansweredSince = IsUnanswered(tally.Stuck.SynSent) ? _unansweredSince ?? now : null;
        TakeRate(openedPerSecond);
    }

    /// <summary>
    /// Takes a new rate. If many connections come and go, those that a process holds may be different ones at each scan.
    /// </summary>
    /// <param name="openedPerSecond">Connections opened and accepted per second, as of the last pass.</param>
    public void TakeRate(double openedPerSecond) => _leakingSince = CloseWaitHeld > Thresholds.CloseWaitStay * openedPerSecond ? _leakingSince : null;

    /// <summary>Takes the ports of a sweep.</summary>
    /// <param name="sweep">The sweep. Null if there are too few connections to run out of ports.</param>
    public void TakePorts(SweepSample? sweep) => _isShortOfPorts = sweep is { PortsLimit: > 0 } && sweep.Scarcest.Held > Thresholds.PortsOfOneDestination * sweep.PortsLimit;

    /// <summary>Forgets everything: the namespaces are gone.</summary>
    public void Clear() =>
        (TriedAt, WantedAt, Paid, CloseWaitHeld, _leakingSince, _unansweredSince, _isShortOfPorts) = (null, null, null, null, null, null, false);

    /// <summary>Returns true if most connects to one destination had to repeat their SYN.</summary>
    private static bool IsUnanswered(EndpointCounts destinations)
    {
        foreach (ref readonly var destination in destinations.Span)
        {
            if (destination.Resent >= Thresholds.UnansweredConnects && destination.Resent * 2 >= destination.Count)
            {
                return true;
            }
        }

        return false;
    }
}
