namespace TcpStatExporter.Kernel.Model;

/// <summary>What <c>/proc/net/stat/nf_conntrack</c> says, all processors together. Each processor's count is of 32 bits and wraps.</summary>
public struct ConntrackStatistics
{
    /// <summary>
    /// Packets dropped: the table was full and no entry could make room, the kernel had no memory for an entry, the entry
    /// clashed with another one, or the tracker of the protocol refused the packet.
    /// </summary>
    public ulong Dropped;

    /// <summary>Entries thrown out of a full table to make room for a new one. Those with an answer in both directions (ASSURED) stay.</summary>
    public ulong EarlyDropped;

    /// <summary>Entries that could not be inserted: they clashed with another one, the hash chain was too long, or they were dying. A clash counts in <see cref="Dropped"/> too.</summary>
    public ulong InsertFailed;
}
