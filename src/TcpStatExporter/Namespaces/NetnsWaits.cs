using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.SockDiag;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Measures how long connections wait to be accepted in the network namespaces of one name, as <see cref="AcceptWaits"/> does for the host.
/// The full scans find the queued connections. Nothing is read while all queues are empty.
/// </summary>
/// <param name="listeners">The listeners.</param>
internal sealed class NetnsWaits(ListenerTable listeners) : IConnectionLookup
{
    private readonly List<NetnsSockets> _sockets = [];
    private readonly QueueUse _use = new();
    private int _inUse;

    /// <summary>A queue is in use, or was within the last seconds.</summary>
    /// <param name="now">Monotonic time.</param>
    public bool IsActive(TimeSpan now) => _use.IsActive(now);

    /// <summary>Records a read of the listeners.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Sampled(TimeSpan now) => _use.Sampled(listeners, now);

    /// <summary>Examines the queues once.</summary>
    /// <param name="sockets">The sockets of each namespace.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="isCounted">A scan follows at once, so the result is certain and counts in the histograms.</param>
    /// <returns>False if the kernel did not answer.</returns>
    public bool Look(List<NetnsSockets> sockets, TimeSpan now, bool isCounted)
    {
        Take(sockets);
        listeners.BeginQueueLook();
        foreach (var one in sockets)
        {
            var lengths = new QueueLengths(listeners);
            if (!one.Scan(InetDiagRequest.Listeners, ref lengths).IsOk)
            {
                return false;
            }
        }

        _ = listeners.FollowQueues(this, now, isCounted, out _inUse);
        _use.Examined(_inUse, now);
        return true;
    }

    /// <summary>Begins a scan of the sockets.</summary>
    /// <param name="sockets">The sockets of each namespace. Not those of the last look if the pod started anew since.</param>
    public void BeginScan(List<NetnsSockets> sockets)
    {
        Take(sockets);
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
    public void EndScan(Func<TimeSpan> time) => listeners.EndQueueDump(this, time);

    /// <inheritdoc/>
    public bool TryFind(in TcpSocketId id, out TcpSocket socket)
    {
        foreach (var one in _sockets)
        {
            if (one.Find(id, out socket).IsOk && socket.State != TcpState.None)
            {
                return true;
            }
        }

        socket = default;
        return false;
    }

    private void Take(List<NetnsSockets> sockets)
    {
        _sockets.Clear();
        _sockets.AddRange(sockets);
    }
}
