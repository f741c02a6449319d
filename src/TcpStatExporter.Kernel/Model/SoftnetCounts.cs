namespace TcpStatExporter.Kernel.Model;

/// <summary>What <c>/proc/net/softnet_stat</c> says, all processors together. Each processor's count is of 32 bits and wraps.</summary>
public struct SoftnetCounts
{
    /// <summary>Packets of any protocol that the processors took in.</summary>
    public ulong Processed;

    /// <summary>Packets dropped because a processor's backlog held net.core.netdev_max_backlog of them.</summary>
    public ulong Dropped;

    /// <summary>Times that a processor left work over for want of budget or time (net.core.netdev_budget). Not a loss.</summary>
    public ulong Squeezed;
}
