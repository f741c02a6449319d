namespace TcpStatExporter.Sampling;

/// <summary>AF_UNIX listeners of one name at one sample.</summary>
internal struct UnixSample
{
    /// <summary>What they are called.</summary>
    public UnixIdentity Identity;

    /// <summary>Listening sockets of that name.</summary>
    public int Sockets;

    /// <summary>The user that made the last of them; null where the kernel does not tell.</summary>
    public uint? Uid;

    /// <summary>Connections that wait to be accepted, all sockets together.</summary>
    public long QueueLength;

    /// <summary>Limit of the queues, all sockets together. A queue holds one more than its limit.</summary>
    public long QueueLimit;

    /// <summary>Largest <see cref="QueueLength"/> in the peak window.</summary>
    public double QueuePeak;

    /// <summary>length ÷ limit of the fullest socket; above 1 its queue is full.</summary>
    public double FillRatio;

    /// <summary>Largest <see cref="FillRatio"/> in the peak window.</summary>
    public double FillRatioPeak;

    /// <summary>Since when each look has seen the queue of a socket full, monotonic; null where the last one has not.</summary>
    public TimeSpan? FullSince;
}
