namespace TcpStatExporter.Kernel.Model;

/// <summary>A bound UDP socket that is connected to nobody.</summary>
public struct UdpSocket
{
    /// <summary>Address it is bound to.</summary>
    public IpAddress Address;

    /// <summary>Socket cookie, unique on the host while it runs; the inode where procfs was read.</summary>
    public ulong Cookie;

    /// <summary>Inode of the cgroup2 directory that owns it; 0 where the kernel does not tell.</summary>
    public ulong CgroupId;

    /// <summary>Index of the interface or VRF that it is bound to; 0 for none.</summary>
    public uint Interface;

    /// <summary>Memory of the datagrams that nobody has read yet, in bytes, the kernel's own per datagram included.</summary>
    public uint QueueBytes;

    /// <summary>What <see cref="QueueBytes"/> may reach, SO_RCVBUF as the kernel doubles it; 0 where procfs was read, which does not tell.</summary>
    public uint LimitBytes;

    /// <summary>Datagrams dropped at this socket (sk_drops), of 32 bits.</summary>
    public uint Drops;

    /// <summary>Port, host order.</summary>
    public ushort Port;
}
