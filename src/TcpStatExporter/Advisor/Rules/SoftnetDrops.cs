using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>This is the backlog of net.core.netdev_max_backlog. It has nothing to do with listen(2).</summary>
internal sealed class SoftnetDrops : IRule
{
    private const long Least = 4096;
    private const long Most = 65_536;

    /// <inheritdoc/>
    public string Id => "softnet-drops";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "CPUs drop packets before TCP sees them";

    /// <inheritdoc/>
    public string Runbook => "TcpSoftnetDrops";

    /// <inheritdoc/>
    public bool IsHostWide => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Lately.SoftnetDropped is not { } dropped)
        {
            return RuleResult.CannotTell("/proc/net/softnet_stat could not be read");
        }

        if (!context.Lately.IsLoss(dropped))
        {
            return RuleResult.DoesNotHold;
        }

        var backlog = context.Number(Sysctl.NetdevMaxBacklog);
        return new Finding
        {
            Title = "CPUs drop packets because their backlog is full",
            Measured =
            [
                $"{Words.Count(dropped)} packets {context.Lately.InTime}, {Words.Count(context.Now.Host.Machine.Softnet.Dropped)} since boot (/proc/net/softnet_stat, second column); of any protocol, host-wide",
                $"net.core.netdev_max_backlog {backlog?.ToString() ?? "not readable here"}",
            ],
            Why = "If the backlog of a CPU already holds netdev_max_backlog packets, the kernel drops the next packet before any protocol sees it.",
            Changes =
            [
                .. backlog is { } length and < Most
                    ? [Change.Set(context, Sysctl.NetdevMaxBacklog, $"{Math.Min(Most, Math.Max(Least, ListenerConditions.PowerOfTwoFrom(2 * length)))}", "twice the queue, for bursts; a CPU that is always busy fills any queue")]
                    : Array.Empty<Change>(),
                Change.Do("Spread the load: more receive queues of the network card, or RPS over more CPUs (/sys/class/net/*/queues/rx-*/rps_cpus)."),
            ],
            Cost = "In a longer queue, packets wait longer and use more memory.",
            Folklore = "The card's ring (ethtool -G): this backlog holds packets of loopback, veth and RPS. A card with a polling driver (NAPI) does not use it without RPS. Its own losses are rx_missed in ethtool -S.",
            Runbook = Runbook,
        };
    }
}
