namespace TcpStatExporter.Kernel.Model;

/// <summary>One listening socket. Several share an address and port in a SO_REUSEPORT group.</summary>
public struct ListenerSocket
{
    /// <summary>Address it is bound to.</summary>
    public IpAddress Address;

    /// <summary>Socket cookie; 0 where the source does not tell.</summary>
    public ulong Cookie;

    /// <summary>Inode of the owner's cgroup2 directory; 0 where the source does not tell.</summary>
    public ulong CgroupId;

    /// <summary>Inode of the socket's file.</summary>
    public ulong Inode;

    /// <summary>Index of the interface or VRF that it is bound to, or the scope of a link-local address; 0 where there is none or the source does not tell.</summary>
    public uint Interface;

    /// <summary>Connections completed and not accepted yet.</summary>
    public uint QueueLength;

    /// <summary>Limit of the accept queue, min(backlog, somaxconn) at listen(2); valid if <see cref="HasLimit"/>. Full when length &gt; limit.</summary>
    public uint QueueLimit;

    /// <summary>Packets discarded at this socket since it was made (sk_drops), whether anything was lost by it or not; valid if <see cref="HasDrops"/>.</summary>
    public uint Drops;

    /// <summary>Port it is bound to.</summary>
    public ushort Port;

    /// <summary>The source told <see cref="QueueLimit"/>.</summary>
    public bool HasLimit;

    /// <summary>The source told <see cref="Drops"/>.</summary>
    public bool HasDrops;

    /// <summary>IPV6_V6ONLY: it takes no IPv4. False where the source does not tell.</summary>
    public bool IsV6Only;
}
