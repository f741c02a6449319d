namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Totals of one pass over the sockets, from any source: states, listeners, SYN queues. Reused from tick to tick. Allocates
/// only until its lists have grown to the size of the host.
/// </summary>
/// <param name="hasLimit">The source reports the limit of the accept queue (inet_diag does, procfs does not).</param>
public sealed class SocketTally(bool hasLimit)
{
    // open addressing into SynQueues: 0 is free, otherwise index + 1; at most half full
    private int[] _slots = new int[64];
    private TcpStateCounts _states;

    /// <summary>Sockets by state.</summary>
    public ref readonly TcpStateCounts States => ref _states;

    /// <summary>Sockets in CLOSE_WAIT that no process has accepted (inode 0).</summary>
    public long CloseWaitUnaccepted { get; private set; }

    /// <summary>Minisockets in FIN_WAIT2 (timer 3). The kernel counts them as TIME_WAIT, not as sockets in use.</summary>
    public long FinWait2Minisockets { get; private set; }

    /// <summary>
    /// Request sockets, if the source can tell them from full sockets in SYN_RECV (inet_diag can, procfs cannot).
    /// </summary>
    public long RequestSockets { get; private set; }

    /// <summary>Listening sockets, in the kernel's order.</summary>
    public ValueList<ListenerSocket> Listeners { get; } = new();

    /// <summary>Half-open connections by the local address, port and device of the SYN, in the order first seen.</summary>
    public ValueList<SynQueue> SynQueues { get; } = new();

    /// <summary>Connections that wait for an answer or for their process, by owner.</summary>
    public StuckConnections Stuck { get; } = new();

    /// <summary>Resets all totals and keeps the memory.</summary>
    public void Reset()
    {
        if (SynQueues.Count != 0)
        {
            Array.Clear(_slots);
        }

        _states = default;
        CloseWaitUnaccepted = 0;
        FinWait2Minisockets = 0;
        RequestSockets = 0;
        Listeners.Clear();
        SynQueues.Clear();
        Stuck.Reset();
    }

    /// <summary>Adds one socket.</summary>
    /// <param name="socket">A row of procfs or inet_diag.</param>
    public void Add(in TcpSocket socket)
    {
        _states.Add(socket.State);
        Stuck.Add(in socket);
        switch (socket.State)
        {
            case TcpState.Listen:
                AddListener(in socket);
                break;
            case TcpState.NewSynRecv:
                RequestSockets++;
                CountSyn(in socket);
                break;

            // procfs prints request sockets as SYN_RECV. One with an inode is a simultaneous open and belongs to no listener.
            case TcpState.SynRecv when socket.Inode == 0:
                CountSyn(in socket);
                break;
            case TcpState.CloseWait when socket.Inode == 0:
                CloseWaitUnaccepted++;
                break;
            case TcpState.FinWait2 when socket.Timer == TcpSocket.MinisocketTimer:
                FinWait2Minisockets++;
                break;
        }
    }

    private void AddListener(in TcpSocket socket)
    {
        ref var listener = ref Listeners.Add();
        listener.Address = socket.LocalAddress;
        listener.Port = socket.LocalPort;
        listener.Cookie = socket.Cookie;
        listener.CgroupId = socket.CgroupId;
        listener.Inode = socket.Inode;
        listener.Interface = socket.Interface;
        listener.IsV6Only = socket.IsV6Only;
        listener.QueueLength = socket.ReceiveQueue;
        listener.QueueLimit = hasLimit ? socket.SendQueue : 0;
        listener.HasLimit = hasLimit;
        listener.Drops = socket.Drops;
        listener.HasDrops = socket.HasDrops;
    }

    private void CountSyn(in TcpSocket socket)
    {
        if (SynQueues.Count * 2 >= _slots.Length)
        {
            Grow();
        }

        var slot = FindSlot(in socket.LocalAddress, socket.LocalPort, socket.Interface);
        if (_slots[slot] == 0)
        {
            SynQueues.Add(new SynQueue { Address = socket.LocalAddress, Port = socket.LocalPort, Interface = socket.Interface });
            _slots[slot] = SynQueues.Count;
        }

        SynQueues[_slots[slot] - 1].Length++;
    }

    /// <summary>Returns the slot that holds this endpoint, or the free slot where it belongs.</summary>
    private int FindSlot(in IpAddress address, ushort port, uint device)
    {
        // each process has its own seed, so nobody outside can choose addresses that collide
        var mask = _slots.Length - 1;
        var slot = HashCode.Combine(address.High, address.Low, address.Family, port, device) & mask;
        while (_slots[slot] != 0)
        {
            ref var queue = ref SynQueues[_slots[slot] - 1];
            if (queue.Port == port && queue.Interface == device && queue.Address == address)
            {
                break;
            }

            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var i = 0; i < SynQueues.Count; i++)
        {
            ref var queue = ref SynQueues[i];
            _slots[FindSlot(in queue.Address, queue.Port, queue.Interface)] = i + 1;
        }
    }

    /// <summary>Adds every socket that a parser reads to a tally.</summary>
    /// <param name="tally">The tally to add to.</param>
    public readonly struct Visitor(SocketTally tally) : ITcpSocketVisitor
    {
        /// <inheritdoc/>
        public bool Visit(in TcpSocket socket)
        {
            tally.Add(in socket);
            return true;
        }
    }
}
