namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Totals of <c>/proc/net/stat/nf_conntrack</c> over all processors. Each processor's counter has 32 bits and wraps.
/// </summary>
public struct ConntrackStatistics
{
    /// <summary>
    /// Packets dropped for one of these reasons: the table was full and no entry could be removed, there was no memory for an
    /// entry, the entry clashed with another one, or the protocol's tracker refused the packet.
    /// </summary>
    public ulong Dropped;

    /// <summary>
    /// Entries removed from a full table to make room for a new one. Entries with traffic in both directions (ASSURED) stay.
    /// </summary>
    public ulong EarlyDropped;

    /// <summary>
    /// Entries that could not be inserted because they clashed with another one, the hash chain was too long, or they were
    /// dying. A clash also counts in <see cref="Dropped"/>.
    /// </summary>
    public ulong InsertFailed;
}
