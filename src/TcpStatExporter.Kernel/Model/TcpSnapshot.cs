namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// What the kernel said of one network namespace at one tick: a section a source, each with its own status, reused
/// from tick to tick. A section whose status is not <see cref="SourceStatus.Ok"/> holds nothing that may be shown.
/// </summary>
public sealed class TcpSnapshot
{
    /// <summary>Status of the source <c>sockets</c>: <see cref="States"/> and <see cref="CloseWaitUnaccepted"/>.</summary>
    public ReadResult SocketsStatus;

    /// <summary>Status of the source <c>listeners</c>: <see cref="Listeners"/> and <see cref="SynQueues"/>.</summary>
    public ReadResult ListenersStatus;

    /// <summary>Status of the source <c>snmp</c>: <see cref="Snmp"/>.</summary>
    public ReadResult SnmpStatus;

    /// <summary>Status of the source <c>netstat</c>: <see cref="Netstat"/>.</summary>
    public ReadResult NetstatStatus;

    /// <summary>Status of the source <c>sockstat</c>: <see cref="Sockstat"/>.</summary>
    public ReadResult SockstatStatus;

    /// <summary>Status of the source <c>sysctl</c>: <see cref="Sysctls"/>.</summary>
    public ReadResult SysctlStatus;

    /// <summary>Sockets by state.</summary>
    public TcpStateCounts States;

    /// <summary>Sockets in CLOSE_WAIT that no process has accepted (inode 0).</summary>
    public long CloseWaitUnaccepted;

    /// <summary>What sockstat and sockstat6 say.</summary>
    public SockstatCounts Sockstat;

    /// <summary>Listening sockets, in the kernel's order.</summary>
    public ValueList<ListenerSocket> Listeners { get; } = new();

    /// <summary>Half-open connections by local end.</summary>
    public ValueList<SynQueue> SynQueues { get; } = new();

    /// <summary>Counters of <c>/proc/net/snmp</c>, group Tcp.</summary>
    public CounterTable Snmp { get; } = new();

    /// <summary>Counters of <c>/proc/net/netstat</c>, group TcpExt.</summary>
    public CounterTable Netstat { get; } = new();

    /// <summary>Kernel parameters.</summary>
    public SysctlTable Sysctls { get; } = new();
}
