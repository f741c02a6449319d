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

    /// <summary>Remote port; 0 where the remote end does not matter.</summary>
    public ushort Port;
}
