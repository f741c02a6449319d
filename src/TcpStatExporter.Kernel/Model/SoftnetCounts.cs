namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Totals of <c>/proc/net/softnet_stat</c> over all processors. Each processor's counter has 32 bits and wraps.
/// </summary>
public struct SoftnetCounts
{
    /// <summary>Packets of any protocol that the processors processed.</summary>
    public ulong Processed;

    /// <summary>Packets dropped because a processor's backlog already held net.core.netdev_max_backlog packets.</summary>
    public ulong Dropped;

    /// <summary>
    /// Times that a processor stopped with work left, because its budget or time ran out (net.core.netdev_budget). Not a
    /// loss.
    /// </summary>
    public ulong Squeezed;
}
