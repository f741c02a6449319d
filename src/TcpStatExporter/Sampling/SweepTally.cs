using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Processes all sockets of a sweep: connections by listener, ephemeral ports in use, connections by destination. Its tables
/// are kept from sweep to sweep and do not grow with the number of sockets.
/// </summary>
/// <param name="unitOf">Returns the unit for a cgroup2 id. Empty or null if unknown. Default: all units are unknown.</param>
/// <param name="longIdle">Idle time from which a connection is counted as idle for long. Default: <see cref="LongIdle"/>.</param>
/// <param name="capacity">Maximum number of connections that are followed from sweep to sweep.</param>
internal sealed class SweepTally(Func<ulong, string?>? unitOf = null, TimeSpan? longIdle = null, int capacity = ConnectionTable.Capacity)
{
    /// <summary>Maximum number of peers that are named.</summary>
    public const int MaxPeers = 10;

    /// <summary>
    /// Idle time that is longer than many devices keep a connection: the load balancers of Azure 240 s by default, the NAT
    /// gateways and network load balancers of AWS 350 s. A connection that is idle for longer has outlived both.
    /// </summary>
    public static readonly TimeSpan LongIdle = TimeSpan.FromSeconds(350);

    private const int NoSeries = -1;
    private const int MaxIdlePeers = 3;

    // idiag_timer, net/ipv4/inet_diag.c
    private const byte KeepaliveTimer = 2;

    // of a range that is wider than assumed, more ports are outside
    private const int MostOutside = 10;

    // TCP_TIMEWAIT_LEN, include/net/tcp.h
    private static readonly TimeSpan TimeWaitLength = TimeSpan.FromSeconds(60);

    private readonly double _longIdle = (longIdle ?? LongIdle).TotalMilliseconds;
    private readonly EndpointIndex<int> _index = new();
    private readonly ValueList<SweepListener> _listeners = new();
    private readonly PortSet _portsIPv4 = new();
    private readonly PortSet _portsIPv6 = new();
    private readonly DestinationTable _destinations = new();
    private readonly UnreadConnections _unread = new();
    private readonly ConnectionTable _connections = new(capacity);
    private readonly PeerTable _peers = new(MaxPeers);
    private readonly PeerTable _idlePeers = new(MaxIdlePeers);
    private readonly Dictionary<ListenerIdentity, IdleCloses> _closes = [];
    private readonly List<IdleCloses> _closesOf = [];
    private int _idleWithoutKeepalive;
    private int _idleLateKeepalive;
    private uint _sweep;
    private TimeSpan _finTimeout;
    private TimeSpan? _before;
    private TimeSpan _now;
    private bool _hasTraffic;
    private Destination _scarcest;
    private string _scarcestUnit = "";
    private DestinationName? _scarcestName;
    private bool _hasRange;
    private bool _isAssumed;
    private int _outside;
    private ushort _low;
    private ushort _high;

    /// <summary>Sockets in TIME_WAIT, and those in FIN_WAIT2 that the kernel counts as TIME_WAIT.</summary>
    public long Minisockets { get; private set; }

    /// <summary>Starts a sweep.</summary>
    /// <param name="exported">Listeners with series.</param>
    /// <param name="listening">All listening sockets, including those without series.</param>
    /// <param name="rows">The index of each socket's listener in <paramref name="exported"/>. −1 if it has none.</param>
    /// <param name="range">ip_local_port_range. Empty if unknown.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="finTimeout">tcp_fin_timeout in seconds; null where it is not known.</param>
    /// <param name="isAssumed">The range is the kernel's default, and the real one is unknown.</param>
    public void Begin(
        ReadOnlySpan<ListenerSample> exported,
        ReadOnlySpan<ListenerSocket> listening,
        ReadOnlySpan<int> rows,
        in SysctlValue range,
        TimeSpan now = default,
        long? finTimeout = null,
        bool isAssumed = false)
    {
        _isAssumed = isAssumed;
        _now = now;
        _finTimeout = finTimeout is >= 0 and var seconds && seconds <= TimeWaitLength.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeWaitLength;
        _connections.Begin(now);
        _sweep++;
        _closesOf.Clear();
        _hasRange = range.Count == 2 && range.First is >= 0 and <= ushort.MaxValue && range.Second is >= 0 and <= ushort.MaxValue;
        _low = _hasRange ? (ushort)range.First : (ushort)0;
        _high = _hasRange ? (ushort)range.Second : (ushort)0;
        _index.Clear();
        _listeners.Clear();
        foreach (ref readonly var listener in exported)
        {
            _listeners.Add(new SweepListener { Identity = listener.Identity });
            _closesOf.Add(ClosesOf(listener.Identity));
        }

        for (var i = 0; i < listening.Length; i++)
        {
            _index.Add(in listening[i], i < rows.Length ? rows[i] : NoSeries);
        }

        Clear();
    }

    /// <summary>Removes the sockets of this sweep, to start again.</summary>
    public void Reset()
    {
        _connections.Restart();
        Clear();
    }

    private void Clear()
    {
        _peers.Clear();
        _idlePeers.Clear();
        (_hasTraffic, _idleWithoutKeepalive, _idleLateKeepalive) = (false, 0, 0);
        foreach (var closes in _closesOf)
        {
            closes.Reset();
        }

        foreach (ref var listener in _listeners.Span)
        {
            listener.Connections = default;
            listener.Unread = 0;
            listener.IdleWithoutKeepalive = 0;
        }

        _portsIPv4.Clear();
        _portsIPv6.Clear();
        _outside = 0;
        _destinations.Clear();
        _unread.Reset();
        Minisockets = 0;
    }

    /// <summary>Adds one socket, in any state.</summary>
    /// <param name="socket">The socket.</param>
    public void Add(in TcpSocket socket)
    {
        if (socket.State is TcpState.Listen or TcpState.Close)
        {
            return;
        }

        if (socket.State == TcpState.TimeWait || (socket.State == TcpState.FinWait2 && socket.Timer == TcpSocket.MinisocketTimer))
        {
            Minisockets++;
            _connections.TakeClosed(in socket, socket.State == TcpState.TimeWait ? TimeWaitLength : _finTimeout);
        }

        var local = socket.LocalAddress.Unmapped();
        var isEphemeral = _hasRange && socket.LocalPort >= _low && socket.LocalPort <= _high;
        if (isEphemeral)
        {
            (local.Family == IpFamily.IPv4 ? _portsIPv4 : _portsIPv6).Add(socket.LocalPort);
        }

        var isAccepted = _index.TryFind(local, socket.LocalPort, socket.Interface, socket.CgroupId, out var listener);
        AddTraffic(in socket, isAccepted ? listener : NoSeries, isOutgoing: !isAccepted && (isEphemeral || _isAssumed || !_hasRange));
        if (isAccepted)
        {
            if (listener != NoSeries)
            {
                _listeners[listener].Connections.Add(socket.State);
                AddUnread(in socket, ref _listeners[listener]);
            }
        }
        else if (isEphemeral)
        {
            _destinations.Add(new Destination(local, socket.RemoteAddress.Unmapped(), socket.RemotePort), socket.State == TcpState.TimeWait, socket.CgroupId);
        }
        else
        {
            _outside++;
        }
    }

    /// <summary>Ends a sweep.</summary>
    /// <param name="sysctls">Kernel parameters, for the reserved ports and the reuse of ports in TIME_WAIT.</param>
    /// <param name="sample">Receives the result.</param>
    public void End(SysctlTable sysctls, SweepSample sample)
    {
        sample.PortsUsedIPv4 = _portsIPv4.Count;
        sample.PortsUsedIPv6 = _portsIPv6.Count;
        var isKnown = _hasRange && !(_isAssumed && _outside * MostOutside > Math.Max(_portsIPv4.Count, _portsIPv6.Count));
        sample.PortsLimit = isKnown ? _high - _low + 1 - sysctls.ReservedPorts.CountBetween(_low, _high) : -1;
        var busiest = _destinations.Busiest(reuse: 0);
        (sample.Busiest, sample.BusiestPortsUsed) = (busiest.Destination, busiest.Used);
        sample.Scarcest = ReuseOf(sysctls) is var reuse and not 0 ? _destinations.Busiest(reuse) : busiest;
        NameScarcest(sample.Scarcest);
        (sample.ScarcestUnit, sample.ScarcestName) = (_scarcestUnit, _scarcestName);
        _unread.End();
        _connections.End();
        EndCloses();
        _peers.CopyTo(sample.Peers);
        _idlePeers.CopyTo(sample.IdlePeers);
        (sample.HasIdle, sample.IdleWithoutKeepalive, sample.IdleLateKeepalive) = (_hasTraffic, _idleWithoutKeepalive, _idleLateKeepalive);
        sample.TrafficTime = _hasTraffic && _before is { } before ? _now - before : TimeSpan.Zero;
        _before = _now;
        _listeners.CopyTo(sample.Listeners);
    }

    /// <summary>A service is named by its port too. Ports of clients change with each connection.</summary>
    private void AddTraffic(in TcpSocket socket, int listener, bool isOutgoing)
    {
        _hasTraffic |= socket.HasTraffic;
        var server = listener != NoSeries && IsIdleAfterAnswer(in socket) ? _closesOf[listener] : null;
        if (!_connections.TryFollow(in socket, server, out var traffic))
        {
            return;
        }

        server?.AddOpen(ConnectionTable.IdleTime(in socket).TotalSeconds);
        var (peer, port) = (socket.RemoteAddress.Unmapped(), isOutgoing ? socket.RemotePort : (ushort)0);
        if (traffic.Sent > 0)
        {
            _peers.Add(peer, port, traffic.Retransmitted, in traffic, socket.RoundTripMicroseconds);
        }

        if (!IsLongIdle(in socket))
        {
            return;
        }

        if (socket.Timer == KeepaliveTimer)
        {
            _idleLateKeepalive++;
            return;
        }

        _idleWithoutKeepalive++;
        if (listener != NoSeries)
        {
            _listeners[listener].IdleWithoutKeepalive++;
        }
        else if (isOutgoing)
        {
            _idlePeers.Add(peer, port, weight: 1, default, roundTripMicroseconds: 0);
        }
    }

    /// <summary>
    /// An accepted connection on which the server has answered all that came, and the answer has arrived. On one that still
    /// works on a request, more was received than sent last.
    /// </summary>
    private static bool IsIdleAfterAnswer(in TcpSocket socket) =>
        socket is { State: TcpState.Established, HasTraffic: true, BytesSent: > 0, ReceiveQueue: 0, SendQueue: 0, Inode: not 0 } && socket.SinceDataSent <= socket.SinceDataReceived;

    /// <summary>
    /// No packet came or went, keepalives of this end and their answers included. Those of the peer are not to be seen here.
    /// No device is in between on loopback.
    /// </summary>
    private bool IsLongIdle(in TcpSocket socket) =>
        socket is { State: TcpState.Established, Inode: not 0 }
        && Math.Min(Math.Min(socket.SinceDataSent, socket.SinceDataReceived), socket.SinceAckReceived) >= _longIdle
        && !socket.LocalAddress.IsLoopback
        && !socket.RemoteAddress.IsLoopback;

    private IdleCloses ClosesOf(ListenerIdentity listener)
    {
        if (!_closes.TryGetValue(listener, out var closes))
        {
            _closes.Add(listener, closes = new IdleCloses());
        }

        closes.Sweep = _sweep;
        return closes;
    }

    /// <summary>Ends a sweep for what servers close. Forgets listeners that are gone.</summary>
    private void EndCloses()
    {
        for (var i = 0; i < _listeners.Count; i++)
        {
            var closes = _closesOf[i];
            closes.End();
            ref var listener = ref _listeners[i];
            (listener.IdleTimeout, listener.IdleCloses, listener.IdleLonger) = (closes.Timeout, closes.Closes, closes.Longer);
        }

        if (_closes.Count > _listeners.Count)
        {
            foreach (var (listener, closes) in _closes)
            {
                if (closes.Sweep != _sweep)
                {
                    _closes.Remove(listener);
                }
            }
        }
    }

    /// <summary>
    /// Counts an accepted connection with bytes that nobody has read since the last sweep. Connections that no process has
    /// accepted belong to the queue instead. The peer's FIN counts as one byte: if it is the only one, the application has to
    /// close the connection, not to read it.
    /// </summary>
    private void AddUnread(in TcpSocket socket, ref SweepListener listener)
    {
        var isUnread = socket.State switch
        {
            TcpState.Established => socket.ReceiveQueue > 0,
            TcpState.CloseWait => socket.ReceiveQueue > 1,
            _ => false,
        };
        if (isUnread && socket.Inode != 0 && _unread.Add(socket.Cookie != 0 ? socket.Cookie : socket.Inode))
        {
            listener.Unread++;
        }
    }

    /// <summary>
    /// Creates a new name if the scarcest destination or its owner has changed. Connections in TIME_WAIT have no owner: if
    /// all are in that state, the last known owner stays.
    /// </summary>
    private void NameScarcest(in DestinationPorts scarcest)
    {
        var isSame = scarcest.Destination == _scarcest;
        var unit = (scarcest.CgroupId == 0 ? null : unitOf?.Invoke(scarcest.CgroupId)) ?? (isSame ? _scarcestUnit : "");
        if (isSame && string.Equals(unit, _scarcestUnit, StringComparison.Ordinal))
        {
            return;
        }

        (_scarcest, _scarcestUnit) = (scarcest.Destination, unit);
        _scarcestName = new DestinationName(_scarcest.Source.ToString(), _scarcest.Address.ToString(_scarcest.Port), unit);
    }

    /// <summary>Without timestamps, no port is reused.</summary>
    private static long ReuseOf(SysctlTable sysctls) =>
        sysctls[Sysctl.TcpTimestamps] is { Count: 1, First: 0 } || sysctls[Sysctl.TcpTwReuse].Count != 1 ? 0 : sysctls[Sysctl.TcpTwReuse].First;

    /// <summary>Adds every socket that a parser reads to a sweep.</summary>
    /// <param name="tally">The sweep.</param>
    public readonly struct Visitor(SweepTally tally) : ITcpSocketVisitor
    {
        /// <inheritdoc/>
        public bool Visit(in TcpSocket socket)
        {
            tally.Add(socket);
            return true;
        }
    }
}
