namespace TcpStatExporter.Sampling;

/// <summary>One listener (the sockets of one address, port and unit) at one sample, with what has been accumulated of it.</summary>
internal struct ListenerSample
{
    // an array: the compiler keeps a span of constants off the heap in optimised builds alone
    private static readonly double[] FillBounds = [0, 0.25, 0.5, 0.75, 0.9, 1];

    /// <summary>Its name.</summary>
    public ListenerIdentity Identity;

    /// <summary>Listening sockets in the group.</summary>
    public int Sockets;

    /// <summary>Connections waiting to be accepted, over the group.</summary>
    public long QueueLength;

    /// <summary>Limit of the accept queues, over the group; valid if <see cref="HasLimit"/>.</summary>
    public long QueueLimit;

    /// <summary>Largest <see cref="QueueLength"/> in the peak window.</summary>
    public double QueuePeak;

    /// <summary>length ÷ limit of the fullest socket now; valid if <see cref="HasLimit"/>.</summary>
    public double FillRatio;

    /// <summary>Largest <see cref="FillRatio"/> in the peak window; NaN where there is none.</summary>
    public double FillRatioPeak;

    /// <summary>One <see cref="FillRatio"/> a sample, by <see cref="FillRatioBounds"/>.</summary>
    public Histogram FillRatios;

    /// <summary>Packets discarded since this listener is known, those that hurt nobody included; valid if <see cref="HasDrops"/>. For loss see <see cref="Lost"/>.</summary>
    public ulong Drops;

    /// <summary>Connection requests and handshakes lost here since this listener is known; valid if <see cref="HasDrops"/>.</summary>
    public LossCounts Lost;

    /// <summary>Monotonic time of the look at which <see cref="Lost"/> moved last; none where it has not while it was watched.</summary>
    public TimeSpan? LastLoss;

    /// <summary>When it was first seen listening since it was last away, Unix time in milliseconds.</summary>
    public long OpenedUnixMilliseconds;

    /// <summary>How often it was seen to begin to listen; those that listened before the exporter looked first are not counted.</summary>
    public ulong Openings;

    /// <summary>Half-open connections.</summary>
    public long SynQueueLength;

    /// <summary>Largest <see cref="SynQueueLength"/> in the peak window.</summary>
    public double SynQueuePeak;

    /// <summary>When it was first seen: from then on its counters count. Unix time in milliseconds.</summary>
    public long CreatedUnixMilliseconds;

    /// <summary>The source tells limits.</summary>
    public bool HasLimit;

    /// <summary>The source tells drops.</summary>
    public bool HasDrops;

    /// <summary>Upper bounds of <see cref="FillRatios"/>: above 1 the queue was full.</summary>
    public static ReadOnlySpan<double> FillRatioBounds => FillBounds;
}
