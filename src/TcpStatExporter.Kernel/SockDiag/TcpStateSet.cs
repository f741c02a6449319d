using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// The states that a dump requests. Bit n is state n of <see cref="TcpState"/> (<c>idiag_states</c>, TCPF_* of
/// include/net/tcp_states.h).
/// </summary>
[Flags]
public enum TcpStateSet
{
    /// <summary>No state.</summary>
    None = 0,

    /// <summary>ESTABLISHED.</summary>
    Established = 1 << (int)TcpState.Established,

    /// <summary>SYN_SENT.</summary>
    SynSent = 1 << (int)TcpState.SynSent,

    /// <summary>SYN_RECV. The kernel adds request sockets (NEW_SYN_RECV) itself.</summary>
    SynRecv = 1 << (int)TcpState.SynRecv,

    /// <summary>FIN_WAIT1.</summary>
    FinWait1 = 1 << (int)TcpState.FinWait1,

    /// <summary>FIN_WAIT2, including minisockets.</summary>
    FinWait2 = 1 << (int)TcpState.FinWait2,

    /// <summary>TIME_WAIT.</summary>
    TimeWait = 1 << (int)TcpState.TimeWait,

    /// <summary>CLOSE.</summary>
    Close = 1 << (int)TcpState.Close,

    /// <summary>CLOSE_WAIT.</summary>
    CloseWait = 1 << (int)TcpState.CloseWait,

    /// <summary>LAST_ACK.</summary>
    LastAck = 1 << (int)TcpState.LastAck,

    /// <summary>LISTEN. If requested alone, the kernel does not have to walk its table of connections.</summary>
    Listen = 1 << (int)TcpState.Listen,

    /// <summary>CLOSING.</summary>
    Closing = 1 << (int)TcpState.Closing,

    /// <summary>All states in <c>/proc/net/tcp</c>. Bound, unconnected sockets (bit 13) are not included.</summary>
    All = Established | AllButCommon | TimeWait,

    /// <summary>
    /// All except ESTABLISHED and TIME_WAIT, which are most sockets of a busy host and can be derived (<see
    /// cref="StateDerivation"/>).
    /// </summary>
    AllButCommon = SynSent | SynRecv | FinWait1 | FinWait2 | Close | CloseWait | LastAck | Listen | Closing,
}
