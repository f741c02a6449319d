namespace TcpStatExporter.Sampling;

/// <summary>What is remembered of one listening socket.</summary>
internal struct SocketRecord
{
    /// <summary>sk_drops at the look that saw it last.</summary>
    public uint Drops;

    /// <summary>sk_drops as far as they are in the counter of its listener.</summary>
    public uint Counted;

    /// <summary>sk_drops up to the look at which loss was divided last.</summary>
    public uint Settled;

    /// <summary>The look that saw it last.</summary>
    public uint Look;

    /// <summary>The look that last saw its accept queue full; 0 for none.</summary>
    public uint FullAt;

    /// <summary>The look that last saw its accept queue half full or more; 0 for none.</summary>
    public uint FilledAt;

    /// <summary>Monotonic time at which it was last given a loss on good evidence; none before.</summary>
    public TimeSpan? ProvenAt;

    /// <summary>Packets a second that it discards while nothing is lost anywhere: the largest rate lately.</summary>
    public float Habit;

    /// <summary>Loss that it was given before its listener had a name.</summary>
    public LossCounts Pending;

    /// <summary>The listener that it belonged to when it was seen last; none where that has no series.</summary>
    public ListenerEntry? Owner;

    /// <summary>One of the last looks saw it too.</summary>
    public bool WasThere;
}
