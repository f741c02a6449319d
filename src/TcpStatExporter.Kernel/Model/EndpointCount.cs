namespace TcpStatExporter.Kernel.Model;

/// <summary>Connections that one owner has with one remote end.</summary>
public struct EndpointCount
{
    /// <summary>Remote address; the default where the remote end does not matter.</summary>
    public IpAddress Address;

    /// <summary>Inode of the owner's cgroup2 directory; 0 where the source does not tell.</summary>
    public ulong CgroupId;

    /// <summary>Connections.</summary>
    public int Count;

    /// <summary>Of these, those that have sent their last segment again.</summary>
    public int Resent;

    /// <summary>Remote port; 0 where the remote end does not matter.</summary>
    public ushort Port;

    /// <summary>The remote end is on this host: each of them has one address at both ends, or that of loopback.</summary>
    public bool IsLocal;
}
