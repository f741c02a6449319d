using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The backlog of net.core.netdev_max_backlog, which has nothing to do with listen(2).</summary>
internal sealed class SoftnetDrops : IRule
{
    private const long Least = 4096;
    private const long Most = 65_536;

    /// <inheritdoc/>
    public string Id => "softnet-drops";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "processors drop packets before TCP sees them";

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
            Title = "Processors drop packets because their backlog is full",
            Measured =
            [
                $"{Words.Count(dropped)} packets {context.Lately.InTime}, {Words.Count(context.Now.Host.Machine.Softnet.Dropped)} since boot (/proc/net/softnet_stat, second column); of any protocol, host-wide",
                $"net.core.netdev_max_backlog {backlog?.ToString() ?? "not readable here"}",
            ],
            Why = "A packet that is handed to a processor's backlog holding netdev_max_backlog packets is dropped before any protocol sees it.",
            Changes =
            [
                .. backlog is { } length and < Most
                    ? [Change.Set(context, Sysctl.NetdevMaxBacklog, $"{Math.Min(Most, Math.Max(Least, ListenerConditions.PowerOfTwoFrom(2 * length)))}", "twice the queue, for bursts; a processor that is busy throughout fills any queue")]
                    : Array.Empty<Change>(),
                Change.Do("Spread the load: more receive queues of the network card, or RPS over more processors (/sys/class/net/*/queues/rx-*/rps_cpus)."),
            ],
            Cost = "Packets wait longer in a longer queue, and it holds more memory.",
            Folklore = "The backlog takes packets of loopback, veth and RPS. A card whose driver polls (NAPI) does not use it without RPS: its own losses are rx_missed in ethtool -S, and its ring is set by ethtool -G.",
            Runbook = "advice/softnet-drops",
        };
    }
}
