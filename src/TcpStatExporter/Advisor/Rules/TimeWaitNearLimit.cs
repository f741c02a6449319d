using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The tcp_max_tw_buckets table is about to overflow.</summary>
internal sealed class TimeWaitNearLimit : IRule
{
    private const double NearLimit = 0.85;

    /// <inheritdoc/>
    public string Id => "time-wait-near-limit";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "the TIME_WAIT table is nearly full";

    /// <inheritdoc/>
    public string Runbook => "TcpTimeWaitTableNearLimit";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sockstat) || context.Number(Sysctl.TcpMaxTwBuckets) is not { } limit)
        {
            return RuleResult.CannotTell("/proc/net/sockstat or net.ipv4.tcp_max_tw_buckets could not be read");
        }

        var held = context.Now.Kernel.Sockstat.TcpTimeWait;
        // A negative value means no limit: the kernel compares unsigned numbers. At 0, the kernel keeps none, and only the
        // overflow counter shows it.
        var isNone = limit == 0 && context.TcpExt("TCPTimeWaitOverflow") > 0;
        if (context.Slow.IsSlowLoss(context.Slow.TcpExt("TCPTimeWaitOverflow") ?? 0))
        {
            // it is full, which is another finding
            return RuleResult.DoesNotHold;
        }

        return !isNone && (limit <= 0 || held <= NearLimit * limit)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = isNone ? "tcp_max_tw_buckets is 0: the kernel keeps no connection in TIME_WAIT" : $"The TIME_WAIT table is {Words.Percent((double)held / limit)} full",
                Measured =
                [
                    $"{Words.Count(held)} held (TIME_WAIT, and FIN_WAIT2 after close), limit {Words.Count(limit)} (net.ipv4.tcp_max_tw_buckets)",
                    $"TCPTimeWaitOverflow {Words.Count(context.Lately.TcpExt("TCPTimeWaitOverflow") ?? 0)} {context.Lately.InTime}, {Words.Count(context.TcpExt("TCPTimeWaitOverflow") ?? 0)} since boot",
                ],
                Why = "At tcp_max_tw_buckets, the kernel closes further connections at once instead of keeping them in TIME_WAIT.",
                Changes = TimeWait.Enlarge(context, held, limit),
                Cost = TimeWait.Cost,
                Folklore = TimeWait.Folklore,
                Runbook = Runbook,
            };
    }
}
