using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>A counter of a queue other than TCP and UDP, which nstat(8) does not print.</summary>
/// <param name="Name">The kernel's file and column: <c>nf_conntrack drop</c>.</param>
/// <param name="IsLoss">Every increment is a loss.</param>
/// <param name="Help">What it counts.</param>
/// <param name="Of">Returns its value in a sample, or null if unknown.</param>
internal sealed record QueueCounter(string Name, bool IsLoss, string Help, Func<NamespaceSample, ulong?> Of)
{
    /// <summary>All counters.</summary>
    public static IReadOnlyList<QueueCounter> All { get; } =
    [
        Conntrack("nf_conntrack drop", isLoss: true, "packets that connection tracking dropped: its table was full, or two entries clashed.", static counts => counts.Dropped),
        Conntrack("nf_conntrack early_drop", isLoss: false, "entries that a full connection tracking table evicted.", static counts => counts.EarlyDropped),
        Conntrack("nf_conntrack insert_failed", isLoss: false, "entries that connection tracking could not insert. Most of them are in nf_conntrack drop too.", static counts => counts.InsertFailed),
        Softnet("softnet_stat dropped", isLoss: true, "packets that CPUs dropped because their backlog was full (net.core.netdev_max_backlog).", static counts => counts.Dropped),
        Softnet("softnet_stat time_squeeze", isLoss: false, "times that a CPU left packets for later because its budget was used up. A delay, not a loss.", static counts => counts.Squeezed),
    ];

    private static QueueCounter Conntrack(string name, bool isLoss, string help, Func<ConntrackStatistics, ulong> of) =>
        new(name, isLoss, help, sample => sample.Status(SourceId.Conntrack).IsOk && sample.Kernel.Conntrack.HasStatistics ? of(sample.Kernel.Conntrack.Statistics) : null);

    private static QueueCounter Softnet(string name, bool isLoss, string help, Func<SoftnetCounts, ulong> of) =>
        new(name, isLoss, help, sample => sample.Host.Status(HostSourceId.Softnet).IsOk ? of(sample.Host.Machine.Softnet) : null);
}
