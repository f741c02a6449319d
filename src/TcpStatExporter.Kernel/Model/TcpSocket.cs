namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// One TCP socket as a source reports it: a row of <c>/proc/net/tcp</c> or an inet_diag message. Fields that a source does
/// not report keep their default, and the <c>Has…</c> flags show this.
/// </summary>
public struct TcpSocket
{
    /// <summary>
    /// <see cref="Timer"/> of a minisocket, which replaces a socket in TIME_WAIT or FIN_WAIT2 after the socket itself is
    /// gone.
    /// </summary>
    public const byte MinisocketTimer = 3;

    /// <summary>Local address.</summary>
    public IpAddress LocalAddress;

    /// <summary>Remote address. A wildcard for a listener.</summary>
    public IpAddress RemoteAddress;

    /// <summary>
    /// Inode of the socket's file. 0 if no process holds it (request sockets, minisockets, connections not accepted yet).
    /// </summary>
    public ulong Inode;

    /// <summary>Socket cookie, unique on the host until it reboots. 0 if the source does not report it.</summary>
    public ulong Cookie;

    /// <summary>Inode of the cgroup2 directory that owns the socket. 0 if the source does not report it.</summary>
    public ulong CgroupId;

    /// <summary>
    /// Index of the interface or VRF that it is bound to, or the scope of a link-local address. 0 if there is none or the
    /// source does not report it.
    /// </summary>
    public uint Interface;

    /// <summary>Local port, in host order.</summary>
    public ushort LocalPort;

    /// <summary>Remote port, in host order.</summary>
    public ushort RemotePort;

    /// <summary>Bytes not read yet. For a listener: connections not accepted yet.</summary>
    public uint ReceiveQueue;

    /// <summary>
    /// Bytes not acknowledged yet. For a listener: the limit of the accept queue (0 from procfs, which does not print it).
    /// </summary>
    public uint SendQueue;

    /// <summary>Packets dropped at this socket (sk_drops). Valid if <see cref="HasDrops"/>.</summary>
    public uint Drops;

    /// <summary>Receive buffer of the socket in bytes (SK_MEMINFO_RCVBUF). Valid if <see cref="HasDrops"/>.</summary>
    public uint ReceiveLimit;

    /// <summary>
    /// Memory of the receive queue in bytes, including overhead (SK_MEMINFO_RMEM_ALLOC). Valid if <see cref="HasDrops"/>.
    /// </summary>
    public uint ReceiveMemory;

    /// <summary>
    /// Milliseconds since this end last sent data (tcpi_last_data_sent), or since the end of the handshake if it has sent
    /// none. Valid if <see cref="HasInfo"/>.
    /// </summary>
    public uint SinceDataSent;

    /// <summary>
    /// Milliseconds since this end last received data (tcpi_last_data_recv), or since the end of the handshake if it never did.
    /// Valid if <see cref="HasInfo"/>.
    /// </summary>
    public uint SinceDataReceived;

    /// <summary>Milliseconds since this end last received an acknowledgement (tcpi_last_ack_recv). Valid if <see cref="HasInfo"/>.</summary>
    public uint SinceAckReceived;

    /// <summary>Smoothed round-trip time in microseconds (tcpi_rtt). 0 if it was not measured. Valid if <see cref="HasInfo"/>.</summary>
    public uint RoundTripMicroseconds;

    /// <summary>Bytes of data sent, retransmissions included (tcpi_bytes_sent). Valid if <see cref="HasTraffic"/>.</summary>
    public ulong BytesSent;

    /// <summary>Bytes of data retransmitted (tcpi_bytes_retrans). Valid if <see cref="HasTraffic"/>.</summary>
    public ulong BytesRetransmitted;

    /// <summary>Milliseconds until <see cref="Timer"/> expires (idiag_expires). 0 if the source does not report it.</summary>
    public uint TimerMilliseconds;

    /// <summary>State.</summary>
    public TcpState State;

    /// <summary>
    /// Active timer: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT or FIN_WAIT2 minisocket, 4 zero-window probe.
    /// </summary>
    public byte Timer;

    /// <summary>How often the timer has retransmitted what is not yet answered. Back to 0 after an answer.</summary>
    public byte Retransmits;

    /// <summary>The source reports <see cref="Drops"/>.</summary>
    public bool HasDrops;

    /// <summary>The source reports <see cref="SinceDataSent"/> and the other times of struct tcp_info.</summary>
    public bool HasInfo;

    /// <summary>The source reports <see cref="BytesSent"/> and <see cref="BytesRetransmitted"/>.</summary>
    public bool HasTraffic;

    /// <summary>IPV6_V6ONLY: the listener accepts no IPv4. False if the source does not report it.</summary>
    public bool IsV6Only;
}
