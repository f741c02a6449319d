namespace TcpStatExporter.Sampling;

/// <summary>One listener (the sockets with the same address, port and unit) in one sample, with its accumulated values.</summary>
internal struct ListenerSample
{
    // an array: the compiler keeps a span of constants off the heap only in optimised builds
    private static readonly double[] FillBounds = [0, 0.25, 0.5, 0.75, 0.9, 1];

    /// <summary>Its identity.</summary>
    public ListenerIdentity Identity;

    /// <summary>Number of listening sockets in the group.</summary>
    public int Sockets;

    /// <summary>Connections waiting to be accepted, total of the group.</summary>
    public long QueueLength;

    /// <summary>Limit of the accept queues, total of the group. Valid if <see cref="HasLimit"/>.</summary>
    public long QueueLimit;

    /// <summary>Maximum of <see cref="QueueLength"/> in the peak window.</summary>
    public double QueuePeak;

    /// <summary>Current length ÷ limit of the fullest socket. Valid if <see cref="HasLimit"/>.</summary>
    public double FillRatio;

    /// <summary>Maximum of <see cref="FillRatio"/> in the peak window. NaN if there is none.</summary>
    public double FillRatioPeak;

    /// <summary>One <see cref="FillRatio"/> per sample, by <see cref="FillRatioBounds"/>.</summary>
    public Histogram FillRatios;

    /// <summary>
    /// Age of the oldest connection in the accept queue when it was last examined, in seconds. 0 if the queue was empty, NaN
    /// if the age is unknown. Valid if <see cref="HasWaits"/>.
    /// </summary>
    public double OldestSeconds;

    /// <summary>Maximum of <see cref="OldestSeconds"/> in the peak window.</summary>
    public double OldestSecondsPeak;

    /// <summary>Length of the queue when <see cref="OldestSeconds"/> was measured.</summary>
    public long OldestLength;

    /// <summary>Memory of the queued connections, in bytes. It is not charged to any cgroup before accept(2).</summary>
    public ulong QueuedBytes;

    /// <summary>Its row in <see cref="NamespaceSample.Waits"/>. −1 if it has none.</summary>
    public int WaitRow;

    /// <summary>The source reports the age of queued connections.</summary>
    public bool HasWaits;

    /// <summary>Its sockets may be in several network namespaces of one name, so they are no group of workers.</summary>
    public bool IsSpread;

    /// <summary>
    /// Packets discarded since this listener was first seen, including harmless ones. Valid if <see cref="HasDrops"/>. For
    /// losses, see <see cref="Lost"/>.
    /// </summary>
    public ulong Drops;

    /// <summary>
    /// Connection requests and handshakes lost since this listener was first seen. Valid if <see cref="HasDrops"/>.
    /// </summary>
    public LossCounts Lost;

    /// <summary>
    /// Monotonic time of the last read at which <see cref="Lost"/> increased. Null if it has not increased while watched.
    /// </summary>
    public TimeSpan? LastLoss;

    /// <summary>When it was first seen after its last absence, in Unix milliseconds.</summary>
    public long OpenedUnixMilliseconds;

    /// <summary>
    /// How often it was seen to begin listening. Listeners that existed before the exporter started begin with 0.
    /// </summary>
    public ulong Openings;

    /// <summary>Half-open connections.</summary>
    public long SynQueueLength;

    /// <summary>Maximum of <see cref="SynQueueLength"/> in the peak window.</summary>
    public double SynQueuePeak;

    /// <summary>When it was first seen, in Unix milliseconds. Its counters start then.</summary>
    public long CreatedUnixMilliseconds;

    /// <summary>The source reports limits.</summary>
    public bool HasLimit;

    /// <summary>The source reports drops.</summary>
    public bool HasDrops;

    /// <summary>
    /// Connections that arrive per second: length of the queue ÷ age of its oldest connection. 0 if the queue is empty or its
    /// age is unknown.
    /// </summary>
    public readonly double ArrivalRate => HasWaits && OldestSeconds > 0 ? OldestLength / OldestSeconds : 0;

    /// <summary>Upper bounds of <see cref="FillRatios"/>. Above 1 the queue was full.</summary>
    public static ReadOnlySpan<double> FillRatioBounds => FillBounds;
}
