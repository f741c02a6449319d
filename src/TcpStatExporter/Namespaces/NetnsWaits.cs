using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.SockDiag;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Measures how long connections wait to be accepted in one network namespace, as <see cref="AcceptWaits"/> does for the host.
/// The full scans find the queued connections. Nothing is read while all queues are empty.
/// </summary>
/// <param name="listeners">The listeners.</param>
internal sealed class NetnsWaits(ListenerTable listeners) : IConnectionLookup
{
    /// <summary>The queues are examined for this long after the last one was seen empty.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    /// <summary>Age at which a scan is repeated, because only scans report the memory of the queues.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(10);

    private NetnsSockets? _sockets;
    private TimeSpan? _lastInUse;
    private TimeSpan? _lastScan;
    private bool _isDown;
    private int _inUse;

    /// <summary>A queue is in use, or was within the last seconds.</summary>
    /// <param name="now">Monotonic time.</param>
    public bool IsActive(TimeSpan now) => now - _lastInUse < Linger;

    /// <summary>Records a read of the listeners.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Sampled(TimeSpan now)
    {
        _lastInUse = listeners.HasQueue ? now : _lastInUse;
        if (!IsActive(now))
        {
            listeners.ObserveEmptyQueues(now);
        }
    }

    /// <summary>Examines the queues once.</summary>
    /// <param name="sockets">The sockets of the namespace.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="mayScan">The budget allows a scan.</param>
    /// <returns>True if a scan should follow at once.</returns>
    public bool Look(NetnsSockets sockets, TimeSpan now, bool mayScan)
    {
        _sockets = sockets;
        listeners.BeginQueueLook();
        var lengths = new Lengths(listeners);
        if (!sockets.Scan(InetDiagRequest.Listeners, ref lengths).IsOk)
        {
            return false;
        }

        _isDown = false;
        var unknown = listeners.FollowQueues(this, now, mayScan, out _inUse);
        _lastInUse = _inUse > 0 ? now : _lastInUse;
        return mayScan && !_isDown && (unknown > 0 || (_inUse > 0 && !(now - _lastScan <= Refresh)));
    }

    /// <summary>Begins a scan of the sockets.</summary>
    /// <param name="sockets">The sockets of the namespace. Not those of the last look if the pod started anew since.</param>
    public void BeginScan(NetnsSockets sockets)
    {
        _sockets = sockets;
        listeners.BeginQueueDump();
    }

    /// <summary>Takes a socket of the scan.</summary>
    /// <param name="socket">The socket, with its memory.</param>
    public void Add(in TcpSocket socket)
    {
        if (_inUse > 0 && socket is { Inode: 0, State: TcpState.Established or TcpState.CloseWait })
        {
            listeners.AddQueued(in socket, AcceptWaits.MostOf(_inUse));
        }
    }

    /// <summary>Ends a scan of the sockets.</summary>
    /// <param name="time">Returns monotonic time.</param>
    public void EndScan(Func<TimeSpan> time)
    {
        _lastScan = time();
        listeners.EndQueueDump(this, time);
    }

    /// <inheritdoc/>
    public bool TryFind(in TcpSocketId id, out TcpSocket socket)
    {
        var found = _sockets!.Find(id, out socket);
        _isDown |= !found.IsOk;
        return found.IsOk && socket.State != TcpState.None;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Lengths(ListenerTable listeners) : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket)
        {
            listeners.AddQueueLength(in socket);
            return true;
        }
    }
}
