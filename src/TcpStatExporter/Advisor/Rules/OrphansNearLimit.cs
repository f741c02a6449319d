using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The limit is host-wide.</summary>
internal sealed class OrphansNearLimit : IRule
{
    private const double NearLimit = 0.75;

    /// <summary>Maximum memory of an orphan, according to the kernel documentation.</summary>
    private const long WorstBytes = 64 * 1024;

    /// <inheritdoc/>
    public string Id => "orphans-near-limit";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "orphans are near their limit";

    /// <inheritdoc/>
    public string Runbook => "TcpOrphansNearLimit";

    /// <inheritdoc/>
    public bool IsHostWide => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Now.Host.Sockets is not { Orphans: var orphans } || context.Number(Sysctl.TcpMaxOrphans) is not { } limit)
        {
            return RuleResult.CannotTell("/proc/net/sockstat or net.ipv4.tcp_max_orphans (host-wide, only visible in the host's network namespace) could not be read");
        }

        if (orphans <= NearLimit * limit)
        {
            return RuleResult.DoesNotHold;
        }

        var wanted = ListenerConditions.PowerOfTwoFrom(2 * Math.Max(1, Math.Max(orphans, limit)));
        var affordable = context.MemoryBytes is not { } memory || wanted * WorstBytes <= memory / 2;
        return new Finding
        {
            Title = $"Orphaned connections are at {Words.Percent(limit > 0 ? (double)orphans / limit : 1)} of their limit",
            Measured = [$"{Words.Count(orphans)} orphans, net.ipv4.tcp_max_orphans {Words.Count(limit)}; host-wide"],
            Why = "Above tcp_max_orphans, the kernel resets closed connections that still have data to send. Those with a silent peer count up to four times.",
            Changes =
            [
                Change.Do("Find peers that do not take the data (ss -tn state fin-wait-1). Make the application wait for the peer before it closes, or close with a reset (SO_LINGER 0) if the data does not matter."),
                .. affordable ? [Change.Set(context, Sysctl.TcpMaxOrphans, $"{wanted}", $"room for {Words.Count(wanted)}")] : Array.Empty<Change>(),
            ],
            Cost = "Up to 64 KB of memory that cannot be swapped for each orphan.",
            Folklore = "tcp_fin_timeout does not affect orphans in FIN_WAIT1: the kernel retransmits to them tcp_orphan_retries times.",
            Runbook = Runbook,
        };
    }
}
