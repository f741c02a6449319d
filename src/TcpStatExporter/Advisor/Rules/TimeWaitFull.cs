using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The tcp_max_tw_buckets table is overflowing now.</summary>
internal sealed class TimeWaitFull : IRule
{
    /// <inheritdoc/>
    public string Id => "time-wait-full";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "connections skip TIME_WAIT";

    /// <inheritdoc/>
    public string Runbook => "TcpTimeWaitTableFull";

    /// <inheritdoc/>
    public string Incident => "time-wait";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Slow.TcpExt("TCPTimeWaitOverflow") is not { } overflows || !context.Has(SourceId.Sockstat) || context.Number(Sysctl.TcpMaxTwBuckets) is not { } limit)
        {
            return RuleResult.CannotTell("/proc/net/netstat, sockstat or net.ipv4.tcp_max_tw_buckets could not be read");
        }

        var held = context.Now.Kernel.Sockstat.TcpTimeWait;
        return !context.Slow.IsSlowLoss(overflows)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "The TIME_WAIT table is full, and connections skip it",
                Measured =
                [
                    $"{Words.Count(overflows)} connections closed without TIME_WAIT {context.Slow.InTime} (TCPTimeWaitOverflow), {Words.Count(context.TcpExt("TCPTimeWaitOverflow") ?? 0)} since boot",
                    $"{Words.Count(held)} held, limit {Words.Count(limit)} (net.ipv4.tcp_max_tw_buckets)",
                ],
                Why = "Above tcp_max_tw_buckets, or without memory, the kernel closes a connection at once. If the peer repeats its FIN, it gets a reset, and late segments can reach a new connection on the same ports.",
                Changes = TimeWait.Enlarge(context, held, limit),
                Cost = TimeWait.Cost,
                Folklore = TimeWait.Folklore,
                Runbook = Runbook,
            };
    }
}
