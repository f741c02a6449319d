namespace TcpStatExporter.Sampling;

/// <summary>UDP sockets of one address, port, device and unit: more than one where SO_REUSEPORT shares them.</summary>
internal struct UdpSample
{
    /// <summary>What they are called.</summary>
    public ListenerIdentity Identity;

    /// <summary>Datagrams dropped, from the first look on.</summary>
    public ulong Drops;

    /// <summary>Memory of the datagrams that wait, in bytes.</summary>
    public long QueueBytes;

    /// <summary>What that may reach, all sockets together; 0 where it is not known.</summary>
    public long LimitBytes;

    /// <summary>The largest limit of one of the sockets; 0 where it is not known.</summary>
    public long LargestLimitBytes;

    /// <summary>Queue ÷ limit of the fullest socket; 0 where it is not known.</summary>
    public double Fill;
}
