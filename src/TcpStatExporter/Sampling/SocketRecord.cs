namespace TcpStatExporter.Sampling;

/// <summary>What is remembered about one listening socket.</summary>
internal struct SocketRecord
{
    /// <summary>sk_drops in the last read that showed it.</summary>
    public uint Drops;

    /// <summary>The part of sk_drops that is included in the counter of its listener.</summary>
    public uint Counted;

    /// <summary>sk_drops in the read at which losses were last attributed.</summary>
    public uint Settled;

    /// <summary>The last read that showed it.</summary>
    public uint Look;

    /// <summary>The last read in which its accept queue was full. 0 for none.</summary>
    public uint FullAt;

    /// <summary>The last read in which its accept queue was at least half full. 0 for none.</summary>
    public uint FilledAt;

    /// <summary>Monotonic time at which a loss was last attributed to it on good evidence. Null if never.</summary>
    public TimeSpan? ProvenAt;

    /// <summary>Packets per second that it discards while nothing is lost anywhere: the highest recent rate.</summary>
    public float Habit;

    /// <summary>Losses attributed to it before its listener had a name.</summary>
    public LossCounts Pending;

    /// <summary>Its listener in the last read. Null if that has no series.</summary>
    public ListenerEntry? Owner;

    /// <summary>One of the last reads showed it too.</summary>
    public bool WasThere;
}
