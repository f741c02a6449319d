using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Applies only to kernels that still have it.</summary>
internal sealed class TwRecycle : IRule
{
    /// <inheritdoc/>
    public string Id => "tw-recycle";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "tcp_tw_recycle is on";

    /// <inheritdoc/>
    public string Runbook => "TcpTimeWaitTableNearLimit";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sysctl))
        {
            return RuleResult.CannotTell("kernel parameters could not be read");
        }

        // removed in Linux 4.12
        return context.Number(Sysctl.TcpTwRecycle) is null or 0
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "tcp_tw_recycle is on: the kernel drops clients behind NAT",
                Measured = [$"net.ipv4.tcp_tw_recycle {context.Text(Sysctl.TcpTwRecycle)}"],
                Why = "The kernel keeps one timestamp per peer address and silently drops SYNs with an older one. Clients that share an address send such SYNs. Linux 4.12 removed the setting.",
                Changes = [Change.Set(context, Sysctl.TcpTwRecycle, "0", "off; it needs no replacement")],
                Cost = "More sockets in TIME_WAIT, which is normal.",
                Folklore = "It is still recommended for servers with many sockets in TIME_WAIT. Those are cheap. Lost clients are not.",
                Runbook = Runbook,
            };
    }
}
