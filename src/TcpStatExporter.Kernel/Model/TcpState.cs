namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// The state of a TCP socket, with the kernel's numbers (include/net/tcp_states.h). <c>/proc/net/tcp</c> prints these numbers
/// in hexadecimal, and inet_diag sends them in <c>idiag_state</c>.
/// </summary>
/// <remarks>A number outside this list is kept, never rejected: kernels add states.</remarks>
public enum TcpState : byte
{
    /// <summary>No state. The kernel never prints it.</summary>
    None = 0,

    /// <summary>Open. Data may flow.</summary>
    Established = 1,

    /// <summary>SYN sent, no answer yet.</summary>
    SynSent = 2,

    /// <summary>
    /// SYN received in a simultaneous open or with Fast Open. The kernel keeps ordinary half-open connections as <see
    /// cref="NewSynRecv"/>, but prints them with this state.
    /// </summary>
    SynRecv = 3,

    /// <summary>Closed here first. Our FIN is not acknowledged yet.</summary>
    FinWait1 = 4,

    /// <summary>Our FIN is acknowledged. The peer has not closed.</summary>
    FinWait2 = 5,

    /// <summary>Both sides are closed. Waits 60 s for late segments.</summary>
    TimeWait = 6,

    /// <summary>Not connected. Seen on sockets that are being torn down.</summary>
    Close = 7,

    /// <summary>The peer has closed, the application here has not.</summary>
    CloseWait = 8,

    /// <summary>The peer closed first. Our FIN is not acknowledged yet.</summary>
    LastAck = 9,

    /// <summary>Listening.</summary>
    Listen = 10,

    /// <summary>Both sides closed at the same time. Our FIN is not acknowledged yet.</summary>
    Closing = 11,

    /// <summary>A request socket (half-open connection). Counted as <see cref="SynRecv"/>.</summary>
    NewSynRecv = 12,

    /// <summary>Bound but not connected (Linux 6.8 and later, only in a dump that requests it).</summary>
    BoundInactive = 13,
}
