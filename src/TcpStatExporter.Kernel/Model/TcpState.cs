namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// The state of a TCP socket, with the kernel's numbers (include/net/tcp_states.h), which are the ones that
/// <c>/proc/net/tcp</c> prints in hexadecimal and inet_diag sends in <c>idiag_state</c>.
/// </summary>
/// <remarks>A number outside this list is carried, never refused: kernels grow.</remarks>
public enum TcpState : byte
{
    /// <summary>No state: never printed by a kernel.</summary>
    None = 0,

    /// <summary>Open, data may flow.</summary>
    Established = 1,

    /// <summary>SYN sent, no answer yet.</summary>
    SynSent = 2,

    /// <summary>SYN received on a simultaneous open or a Fast Open; ordinary half-open connections are <see cref="NewSynRecv"/> inside the kernel but printed as this.</summary>
    SynRecv = 3,

    /// <summary>Closed here first, our FIN not acknowledged yet.</summary>
    FinWait1 = 4,

    /// <summary>Our FIN acknowledged, the peer has not closed.</summary>
    FinWait2 = 5,

    /// <summary>Both sides closed, waiting 60 s for late segments.</summary>
    TimeWait = 6,

    /// <summary>Not connected; seen on sockets being torn down.</summary>
    Close = 7,

    /// <summary>The peer closed, the application here has not.</summary>
    CloseWait = 8,

    /// <summary>The peer closed first, our FIN is not acknowledged yet.</summary>
    LastAck = 9,

    /// <summary>Listening.</summary>
    Listen = 10,

    /// <summary>Both sides closed at the same time, our FIN not acknowledged yet.</summary>
    Closing = 11,

    /// <summary>A request socket (half-open connection); counted as <see cref="SynRecv"/>.</summary>
    NewSynRecv = 12,

    /// <summary>Bound but not connected (Linux 6.8 and later, only in a dump that asks for it).</summary>
    BoundInactive = 13,
}
