namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// What the kernel said of one network namespace at one tick: a section a source, each with its own status, reused
/// from tick to tick. A section whose status is not <see cref="SourceStatus.Ok"/> holds nothing that may be shown.
/// </summary>
public sealed class TcpSnapshot
{
    private readonly ReadResult[] _status = new ReadResult[SourceExtensions.Count];

    /// <summary>Sockets by state.</summary>
    public TcpStateCounts States;

    /// <summary>
    /// The sockets were not counted at this tick: <see cref="States"/> holds ESTABLISHED and TIME_WAIT of now, and the
    /// rest of the section is that of an earlier tick. It must not count as an observation again.
    /// </summary>
    public bool AreStatesOld;

    /// <summary>Sockets in CLOSE_WAIT that no process has accepted (inode 0).</summary>
    public long CloseWaitUnaccepted;

    /// <summary>Sockets in CLOSE_WAIT that a process holds.</summary>
    public long CloseWaitHeld => States[TcpState.CloseWait] - CloseWaitUnaccepted;

    /// <summary>What sockstat and sockstat6 say.</summary>
    public SockstatCounts Sockstat;

    /// <summary>Connection tracking.</summary>
    public ConntrackCounts Conntrack;

    /// <summary><see cref="UdpSockets"/> were read at this tick; they have a pace of their own.</summary>
    public bool AreUdpSocketsNew;

    /// <summary>What advice needs to know of the machine.</summary>
    public MachineFacts Machine;

    /// <summary>Listening sockets, in the kernel's order.</summary>
    public ValueList<ListenerSocket> Listeners { get; } = new();

    /// <summary>Half-open connections by local end.</summary>
    public ValueList<SynQueue> SynQueues { get; } = new();

    /// <summary>Connections in SYN_SENT by destination and owner. For the accumulators: a copy of the snapshot goes without.</summary>
    public ValueList<EndpointCount> SynSent { get; } = new();

    /// <summary>
    /// Connections in CLOSE_WAIT that a process holds, by owner, and by destination where this host opened them. For the
    /// accumulators: a copy of the snapshot goes without.
    /// </summary>
    public ValueList<EndpointCount> CloseWait { get; } = new();

    /// <summary>Bound UDP sockets. For the accumulators: a copy of the snapshot goes without.</summary>
    public ValueList<UdpSocket> UdpSockets { get; } = new();

    /// <summary>Counters of <c>/proc/net/snmp</c>, group Tcp.</summary>
    public CounterTable Snmp { get; } = new();

    /// <summary>Counters of <c>/proc/net/snmp</c>, group Udp; no names where the kernel does not print it.</summary>
    public CounterTable UdpCounters { get; } = new();

    /// <summary>Counters of <c>/proc/net/snmp6</c> that begin with Udp6; no names where there is no IPv6.</summary>
    public CounterTable Udp6Counters { get; } = new();

    /// <summary>Counters of <c>/proc/net/netstat</c>, group MPTcpExt; no names where the kernel has no MPTCP.</summary>
    public CounterTable Mptcp { get; } = new();

    /// <summary>Counters of <c>/proc/net/netstat</c>, group TcpExt.</summary>
    public CounterTable Netstat { get; } = new();

    /// <summary>Kernel parameters.</summary>
    public SysctlTable Sysctls { get; } = new();

    /// <summary>What came of a source the last time it was to be read.</summary>
    /// <param name="id">The source.</param>
    public ref ReadResult this[SourceId id] => ref _status[(int)id];

    /// <summary>Makes <paramref name="other"/> hold the same, but for <see cref="SynSent"/>, <see cref="CloseWait"/> and <see cref="UdpSockets"/>.</summary>
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
