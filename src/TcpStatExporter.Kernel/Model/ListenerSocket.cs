namespace TcpStatExporter.Kernel.Model;

/// <summary>One listening socket. The sockets of a SO_REUSEPORT group share an address and port.</summary>
public struct ListenerSocket
{
    /// <summary>Bound address.</summary>
    public IpAddress Address;

    /// <summary>Socket cookie. 0 if the source does not report it.</summary>
    public ulong Cookie;

    /// <summary>Inode of the owner's cgroup2 directory. 0 if the source does not report it.</summary>
    public ulong CgroupId;

    /// <summary>Inode of the socket's file.</summary>
    public ulong Inode;

    /// <summary>
    /// Index of the interface or VRF that it is bound to, or the scope of a link-local address. 0 if there is none or the
    /// source does not report it.
    /// </summary>
    public uint Interface;

    /// <summary>Established connections that are not accepted yet.</summary>
    public uint QueueLength;

    /// <summary>
    /// Limit of the accept queue: min(backlog, somaxconn) at listen(2). Valid if <see cref="HasLimit"/>. The queue is full
    /// when length &gt; limit.
    /// </summary>
    public uint QueueLimit;

    /// <summary>
    /// Packets discarded at this socket since it was created (sk_drops), whether or not anything was lost. Valid if <see
    /// cref="HasDrops"/>.
    /// </summary>
    public uint Drops;

    /// <summary>Bound port.</summary>
    public ushort Port;

    /// <summary>The source reports <see cref="QueueLimit"/>.</summary>
    public bool HasLimit;

    /// <summary>The source reports <see cref="Drops"/>.</summary>
    public bool HasDrops;

    /// <summary>IPV6_V6ONLY: the listener accepts no IPv4. False if the source does not report it.</summary>
    public bool IsV6Only;
}
