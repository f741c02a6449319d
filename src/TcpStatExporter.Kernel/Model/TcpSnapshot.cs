namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// One sample of one network namespace. It has one section per source, each with its own status, and is reused from tick to
/// tick. If the status of a section is not <see cref="SourceStatus.Ok"/>, the section holds nothing that may be shown.
/// </summary>
public sealed class TcpSnapshot
{
    private readonly ReadResult[] _status = new ReadResult[SourceExtensions.Count];

    /// <summary>Sockets by state.</summary>
    public TcpStateCounts States;

    /// <summary>
    /// The sockets were not counted in this tick. <see cref="States"/> holds the current ESTABLISHED and TIME_WAIT; the rest
    /// of the section is from an earlier tick and must not count as an observation again.
    /// </summary>
    public bool AreStatesOld;

    /// <summary>Sockets in CLOSE_WAIT that no process has accepted (inode 0).</summary>
    public long CloseWaitUnaccepted;

    /// <summary>Sockets in CLOSE_WAIT that a process holds.</summary>
    public long CloseWaitHeld => States[TcpState.CloseWait] - CloseWaitUnaccepted;

    /// <summary>Values of sockstat and sockstat6.</summary>
    public SockstatCounts Sockstat;

    /// <summary>Connection tracking.</summary>
    public ConntrackCounts Conntrack;

    /// <summary><see cref="UdpSockets"/> were read in this tick. They are read at their own interval.</summary>
    public bool AreUdpSocketsNew;

    /// <summary>AF_UNIX listeners were read at this tick; the more they are, the more rarely. What was read is with the accumulator.</summary>
    public bool AreUnixListenersNew;

    /// <summary>What advice needs to know about the machine.</summary>
    public MachineFacts Machine;

    /// <summary>Listening sockets, in the kernel's order.</summary>
    public ValueList<ListenerSocket> Listeners { get; } = new();

    /// <summary>Half-open connections by local endpoint.</summary>
    public ValueList<SynQueue> SynQueues { get; } = new();

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
    public CounterTable Snmp { get; } = new();

    /// <summary>Counters of <c>/proc/net/snmp</c>, group Udp. No names if the kernel does not print it.</summary>
    public CounterTable UdpCounters { get; } = new();

    /// <summary>Counters of <c>/proc/net/snmp6</c> that begin with Udp6. No names without IPv6.</summary>
    public CounterTable Udp6Counters { get; } = new();

    /// <summary>Counters of <c>/proc/net/netstat</c>, group MPTcpExt. No names if the kernel has no MPTCP.</summary>
    public CounterTable Mptcp { get; } = new();

    /// <summary>Counters of <c>/proc/net/netstat</c>, group TcpExt.</summary>
    public CounterTable Netstat { get; } = new();

    /// <summary>Kernel parameters.</summary>
    public SysctlTable Sysctls { get; } = new();

    /// <summary>The result of the last attempt to read a source.</summary>
    /// <param name="id">The source.</param>
    public ref ReadResult this[SourceId id] => ref _status[(int)id];

    /// <summary>
    /// Copies everything to <paramref name="other"/> except <see cref="SynSent"/>, <see cref="CloseWait"/> and <see
    /// cref="UdpSockets"/>.
    /// </summary>
    /// <param name="other">The snapshot to overwrite.</param>
    public void CopyTo(TcpSnapshot other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _status.CopyTo(other._status, 0);
        other.States = States;
        other.AreStatesOld = AreStatesOld;
        other.CloseWaitUnaccepted = CloseWaitUnaccepted;
        other.Sockstat = Sockstat;
        other.Conntrack = Conntrack;
        other.AreUdpSocketsNew = AreUdpSocketsNew;
        other.AreUnixListenersNew = AreUnixListenersNew;
        other.Machine = Machine;
        Listeners.CopyTo(other.Listeners);
        SynQueues.CopyTo(other.SynQueues);
        Snmp.CopyTo(other.Snmp);
        UdpCounters.CopyTo(other.UdpCounters);
        Udp6Counters.CopyTo(other.Udp6Counters);
        Mptcp.CopyTo(other.Mptcp);
        Netstat.CopyTo(other.Netstat);
        Sysctls.CopyTo(other.Sysctls);
    }
}
