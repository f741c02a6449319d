namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// One sample of one network namespace. It has one section per source, each with its own status, and is reused from tick to
/// tick. If the status of a section is not <see cref="SourceStatus.Ok"/>, the section holds nothing that may be shown.
/// </summary>
/// <param name="parts">Receives the lists and tables that are copied.</param>
public sealed class TcpSnapshot(Parts parts) : Part
{
    private readonly Parts _parts = parts;
    private readonly ValueList<ReadResult> _status = parts.Add(new ValueList<ReadResult>(SourceExtensions.Count));
    private Values _values;

    /// <summary>What sockstat prints of the host. For the sampler only: a copy of the snapshot does not have it.</summary>
    public HostSockets HostSockets;

    /// <summary>Creates an empty snapshot.</summary>
    public TcpSnapshot()
        : this(new Parts())
    {
    }

    /// <summary>Sockets by state.</summary>
    public ref TcpStateCounts States => ref _values.States;

    /// <summary>
    /// The sockets were not counted in this tick. <see cref="States"/> holds the current ESTABLISHED and TIME_WAIT; the rest
    /// of the section is from an earlier tick and must not count as an observation again.
    /// </summary>
    public ref bool AreStatesOld => ref _values.AreStatesOld;

    /// <summary>Sockets in CLOSE_WAIT that no process has accepted (inode 0).</summary>
    public ref long CloseWaitUnaccepted => ref _values.CloseWaitUnaccepted;

    /// <summary>Sockets in CLOSE_WAIT that a process holds.</summary>
    public long CloseWaitHeld => States[TcpState.CloseWait] - CloseWaitUnaccepted;

    /// <summary>Values of sockstat and sockstat6.</summary>
    public ref SockstatCounts Sockstat => ref _values.Sockstat;

    /// <summary>Connection tracking.</summary>
    public ref ConntrackCounts Conntrack => ref _values.Conntrack;

    /// <summary><see cref="UdpSockets"/> were read in this tick. They are read at their own interval.</summary>
    public ref bool AreUdpSocketsNew => ref _values.AreUdpSocketsNew;

    /// <summary>AF_UNIX listeners were read at this tick; the more they are, the more rarely. What was read is with the accumulator.</summary>
    public ref bool AreUnixListenersNew => ref _values.AreUnixListenersNew;

    /// <summary>Listening sockets, in the kernel's order.</summary>
    public ValueList<ListenerSocket> Listeners { get; } = parts.Add(new ValueList<ListenerSocket>());

    /// <summary>Half-open connections by local endpoint.</summary>
    public ValueList<SynQueue> SynQueues { get; } = parts.Add(new ValueList<SynQueue>());

    /// <summary>
    /// Connections in SYN_SENT by destination and owner. For the accumulators only: a copy of the snapshot does not have
    /// them.
    /// </summary>
    public ValueList<EndpointCount> SynSent { get; } = new();

    /// <summary>
    /// Connections in CLOSE_WAIT that a process holds, by owner, and also by destination if this host opened them. For the
    /// accumulators only: a copy of the snapshot does not have them.
    /// </summary>
    public ValueList<EndpointCount> CloseWait { get; } = new();

    /// <summary>Bound UDP sockets. For the accumulators only: a copy of the snapshot does not have them.</summary>
    public ValueList<UdpSocket> UdpSockets { get; } = new();

    /// <summary>Counters of <c>/proc/net/snmp</c>, group Tcp.</summary>
    public CounterTable Snmp { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of <c>/proc/net/snmp</c>, group Udp. No names if the kernel does not print it.</summary>
    public CounterTable UdpCounters { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of <c>/proc/net/snmp6</c> that begin with Udp6. No names without IPv6.</summary>
    public CounterTable Udp6Counters { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of <c>/proc/net/netstat</c>, group MPTcpExt. No names if the kernel has no MPTCP.</summary>
    public CounterTable Mptcp { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of <c>/proc/net/netstat</c>, group TcpExt.</summary>
    public CounterTable Netstat { get; } = parts.Add(new CounterTable());

    /// <summary>Kernel parameters.</summary>
    public SysctlTable Sysctls { get; } = parts.Add(new SysctlTable());

    /// <summary>The result of the last attempt to read a source.</summary>
    /// <param name="id">The source.</param>
    public ref ReadResult this[SourceId id] => ref _status[(int)id];

    /// <summary>
    /// Copies everything to <paramref name="other"/> except <see cref="HostSockets"/>, <see cref="SynSent"/>, <see
    /// cref="CloseWait"/> and <see cref="UdpSockets"/>.
    /// </summary>
    /// <param name="other">The snapshot to overwrite.</param>
    public void CopyTo(TcpSnapshot other)
    {
        ArgumentNullException.ThrowIfNull(other);
        other._values = _values;
        _parts.CopyTo(other._parts);
    }

    /// <inheritdoc/>
    protected internal override void CopyTo(Part other) => CopyTo((TcpSnapshot)other);

    /// <summary>All plain values. They are copied together.</summary>
    private struct Values
    {
        public TcpStateCounts States;
        public bool AreStatesOld, AreUdpSocketsNew, AreUnixListenersNew;
        public long CloseWaitUnaccepted;
        public SockstatCounts Sockstat;
        public ConntrackCounts Conntrack;
    }
}
