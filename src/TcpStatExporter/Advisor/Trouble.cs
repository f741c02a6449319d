using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What more than one rule asks of listeners. Thresholds are those of the alerts.</summary>
internal static class Trouble
{
    /// <summary>A backlog that hardly any burst fills, and the kernel's own default of somaxconn since Linux 5.4.</summary>
    private const long AmpleBacklog = 4096;

    private const int MostNamed = 5;

    private const double StrayPackets = 5;
    private const double IdleSiblings = 0.25;

    /// <summary>Time in which <see cref="StrayPackets"/> are tolerated.</summary>
    public static TimeSpan TwoMinutes { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Time in which slower losses are counted.</summary>
    public static TimeSpan FiveMinutes { get; } = TimeSpan.FromMinutes(5);

    /// <summary>More packets of loss than a stray few.</summary>
    public static bool IsLoss(AdvisorContext context, ulong packets) => context.Exceeds(packets, StrayPackets, TwoMinutes);

    /// <summary>The same of losses that are counted over five minutes.</summary>
    public static bool IsSlowLoss(AdvisorContext context, ulong packets) => context.Exceeds(packets, StrayPackets, FiveMinutes);

    /// <summary>
    /// SYNs lost because the SYN queue is full, which happens with cookies off alone: drops that no full accept queue
    /// explains, and so more than TCPReqQFullDrop, which leaves out the last quarter of tcp_max_syn_backlog.
    /// </summary>
    public static ulong SynQueueDrops(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpSyncookies) != 0)
        {
            return 0;
        }

        var drops = context.TcpExtAdded("ListenDrops") ?? 0;
        return drops - Math.Min(drops, context.TcpExtAdded("ListenOverflows") ?? 0);
    }

    /// <summary>
    /// A listener drops connections, and not for a full SYN queue. The kernel's own ListenDrops must move too: a
    /// listener's count has what a socket filter discards as well.
    /// </summary>
    public static bool IsDropping(AdvisorContext context, in ListenerSample listener)
    {
        var drops = context.TcpExtAdded("ListenDrops") ?? 0;
        return IsLoss(context, context.Dropped(listener)) && drops > 0 && SynQueueDrops(context) * 2 <= drops;
    }

    /// <summary>One socket of a SO_REUSEPORT group is full while the others are nearly idle.</summary>
    public static bool HasStuckWorker(in ListenerSample listener)
    {
        if (!listener.HasLimit || listener.Sockets < 2 || listener.QueueLimit == 0 || !(listener.FillRatioPeak > 1))
        {
            return false;
        }

        var sum = listener.QueuePeak / listener.QueueLimit * listener.Sockets;
        return (sum - listener.FillRatioPeak) / (listener.Sockets - 1) < IdleSiblings;
    }

    /// <summary>Limit of one socket of a group.</summary>
    public static long LimitOfOne(in ListenerSample listener) => listener.QueueLimit / Math.Max(1, listener.Sockets);

    /// <summary>What there is to say of a queue: "accept queue up to 9 of 8".</summary>
    public static string Queue(in ListenerSample listener) => listener.HasLimit
        ? $"accept queue {Words.Count(listener.QueueLength)} now, up to {Words.Count((long)listener.QueuePeak)}, limit {Words.Count(listener.QueueLimit)}"
            + (listener.Sockets > 1 ? $" over {listener.Sockets} sockets" : "")
        : $"accept queue {Words.Count(listener.QueueLength)} now";

    /// <summary>How to give listeners a larger backlog, the kernel's cap included. Nothing where they have as much as is ever advised.</summary>
    public static IEnumerable<Change> RaiseBacklog(AdvisorContext context, IReadOnlyList<ListenerSample> listeners)
    {
        var somaxconn = context.Number(Sysctl.Somaxconn);
        var largest = listeners.Max(listener => LimitOfOne(listener));
        var wanted = Math.Min(ushort.MaxValue, Math.Max(AmpleBacklog, PowerOfTwoFrom(2 * largest)));
        if (somaxconn is { } cap && cap < wanted && largest >= cap)
        {
            yield return Change.Set(
                context, Sysctl.Somaxconn, $"{wanted}", $"the cap of every backlog; at {Words.Count(cap)} it cuts what was asked for. It takes effect at the next listen(2): restart the application");
        }
        else
        {
            wanted = Math.Min(wanted, somaxconn ?? wanted);
        }

        // a line an application; where owners are not known each listener is one
        var applications = listeners
            .Where(listener => LimitOfOne(listener) < wanted)
            .DistinctBy(listener => listener.Identity.Unit.Length > 0 ? listener.Identity.Unit : Words.Endpoint(listener.Identity), StringComparer.Ordinal)
            .ToArray();
        foreach (var listener in applications.Take(MostNamed))
        {
            yield return Change.Do(
                $"{Words.Name(listener.Identity)}: listen with a backlog of {wanted} instead of {LimitOfOne(listener)} ({Applications.BacklogSetting(listener.Identity.Unit)}), then restart it: a backlog is fixed at listen(2)");
        }

        if (applications.Length > MostNamed)
        {
            yield return Change.Do($"The same for {applications.Length - MostNamed} more that are measured above.");
        }
    }

    /// <summary>The smallest power of two that is not below a number.</summary>
    public static long PowerOfTwoFrom(long number) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, number));
}
