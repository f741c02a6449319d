namespace TcpStatExporter.Sampling;

/// <summary>UDP sockets with the same address, port, device and unit. More than one if SO_REUSEPORT shares them.</summary>
internal struct UdpSample
{
    /// <summary>Their identity.</summary>
    public ListenerIdentity Identity;

    /// <summary>Datagrams dropped since the first read.</summary>
    public ulong Drops;

    /// <summary>Memory of the waiting datagrams, in bytes.</summary>
    public long QueueBytes;

    /// <summary>Total limit of all sockets. 0 if unknown.</summary>
    public long LimitBytes;

    /// <summary>Highest limit of a single socket. 0 if unknown.</summary>
    public long LargestLimitBytes;

    /// <summary>Queue ÷ limit of the fullest socket. 0 if unknown.</summary>
    public double Fill;
}
