namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// One TCP socket as the kernel described it, by whichever source: a row of <c>/proc/net/tcp</c> or an inet_diag
/// message. What a source cannot tell is left at its default, and the <c>Has…</c> flags say so.
/// </summary>
public struct TcpSocket
{
    /// <summary><see cref="Timer"/> of a minisocket, which stands for a socket in TIME_WAIT or FIN_WAIT2 after the socket itself is gone.</summary>
    public const byte MinisocketTimer = 3;

    /// <summary>Local address.</summary>
    public IpAddress LocalAddress;

    /// <summary>Remote address; a wildcard for a listener.</summary>
    public IpAddress RemoteAddress;

    /// <summary>Inode of the socket's file; 0 where no process holds it (request sockets, minisockets, connections not accepted yet).</summary>
    public ulong Inode;

    /// <summary>Socket cookie, unique on the host while it runs; 0 where the source does not tell.</summary>
    public ulong Cookie;

    /// <summary>Inode of the cgroup2 directory that owns the socket; 0 where the source does not tell.</summary>
    public ulong CgroupId;

    /// <summary>Index of the interface or VRF that it is bound to, or the scope of a link-local address; 0 where there is none or the source does not tell.</summary>
    public uint Interface;

    /// <summary>Local port, host order.</summary>
    public ushort LocalPort;

    /// <summary>Remote port, host order.</summary>
    public ushort RemotePort;

    /// <summary>Bytes not read yet; of a listener, connections not accepted yet.</summary>
    public uint ReceiveQueue;

    /// <summary>Bytes not acknowledged yet; of a listener, the accept queue's limit (0 where the source is procfs, which does not print it).</summary>
    public uint SendQueue;

    /// <summary>Packets dropped at this socket (sk_drops); valid if <see cref="HasDrops"/>.</summary>
    public uint Drops;

    /// <summary>Receive buffer of the socket (SK_MEMINFO_RCVBUF), in bytes; valid if <see cref="HasDrops"/>.</summary>
    public uint ReceiveLimit;

    /// <summary>State.</summary>
    public TcpState State;

    /// <summary>Timer in force: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT or FIN_WAIT2 minisocket, 4 zero-window probe.</summary>
    public byte Timer;

    /// <summary>How often the timer has sent again what waits for an answer; 0 once there was one.</summary>
    public byte Retransmits;

    /// <summary>The source told <see cref="Drops"/>.</summary>
    public bool HasDrops;

    /// <summary>IPV6_V6ONLY: a listener that takes no IPv4. False where the source does not tell.</summary>
    public bool IsV6Only;
}
