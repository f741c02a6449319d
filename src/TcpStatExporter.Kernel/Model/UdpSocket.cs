namespace TcpStatExporter.Kernel.Model;

/// <summary>A bound UDP socket without a connected peer.</summary>
public struct UdpSocket
{
    /// <summary>Bound address.</summary>
    public IpAddress Address;

    /// <summary>Socket cookie, unique on the host until it reboots. The inode if the source is procfs.</summary>
    public ulong Cookie;

    /// <summary>Inode of the cgroup2 directory that owns it. 0 if the kernel does not report it.</summary>
    public ulong CgroupId;

    /// <summary>Index of the interface or VRF that it is bound to. 0 for none.</summary>
    public uint Interface;

    /// <summary>Memory of the unread datagrams in bytes, including the kernel's overhead per datagram.</summary>
    public uint QueueBytes;

    /// <summary>
    /// Limit of <see cref="QueueBytes"/>: SO_RCVBUF as the kernel doubles it. 0 if the source is procfs, which does not print
    /// it.
    /// </summary>
    public uint LimitBytes;

    /// <summary>Datagrams dropped at this socket (sk_drops), a 32-bit counter.</summary>
    public uint Drops;

    /// <summary>Port, in host order.</summary>
    public ushort Port;
}
