namespace TcpStatExporter.Sampling;

/// <summary>Connections of one unit in one state. If the unit opened them, only those to one destination.</summary>
internal struct HolderSample
{
    /// <summary>Their owner and destination.</summary>
    public HolderIdentity Identity;

    /// <summary>Number of connections in the last sample.</summary>
    public long Connections;

    /// <summary>
    /// Connections among them that had retransmitted their last segment: the maximum over the samples of the last <see
    /// cref="HolderTable.Lately"/>.
    /// </summary>
    public long Resent;

    /// <summary>Monotonic time of the first sample since when each sample had some.</summary>
    public TimeSpan Since;
}
