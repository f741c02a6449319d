using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>On kernels that still have it.</summary>
internal sealed class TwRecycle : IRule
{
    /// <inheritdoc/>
    public string Id => "tw-recycle";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "tcp_tw_recycle is on";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sysctl))
        {
            return RuleResult.CannotTell("kernel parameters could not be read");
        }

        // gone since Linux 4.12: a kernel that does not have it is rid of it
        return context.Number(Sysctl.TcpTwRecycle) is null or 0
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "tcp_tw_recycle is on: clients behind NAT are turned away",
                Measured = [$"net.ipv4.tcp_tw_recycle {context.Text(Sysctl.TcpTwRecycle)}"],
                Why = "It makes the kernel keep one timestamp for each peer address and silently drop SYNs with an older one, which is what clients that share an address send; Linux 4.12 removed it.",
                Changes = [Change.Set(context, Sysctl.TcpTwRecycle, "0", "off; nothing else replaces it, and nothing needs to")],
                Cost = "More sockets in TIME_WAIT, which is what they are for.",
                Folklore = "It is still advised for servers with many sockets in TIME_WAIT. Those are cheap; lost clients are not.",
                Runbook = "TcpTimeWaitTableNearLimit",
            };
    }
}
