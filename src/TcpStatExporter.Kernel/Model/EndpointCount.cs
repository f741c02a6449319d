namespace TcpStatExporter.Kernel.Model;

/// <summary>The number of connections that one owner has with one remote endpoint.</summary>
public struct EndpointCount
{
    /// <summary>Remote address. The default value if counts are not split by remote endpoint.</summary>
    public IpAddress Address;

    /// <summary>Inode of the owner's cgroup2 directory. 0 if the source does not report it.</summary>
    public ulong CgroupId;

    /// <summary>Connections.</summary>
    public int Count;

    /// <summary>Connections among them that have retransmitted their last segment.</summary>
    public int Resent;

    /// <summary>Remote port. 0 if counts are not split by remote endpoint.</summary>
    public ushort Port;

    /// <summary>
    /// The remote endpoint is on this host: every connection has the same address at both ends, or a loopback address.
    /// </summary>
    public bool IsLocal;
}
