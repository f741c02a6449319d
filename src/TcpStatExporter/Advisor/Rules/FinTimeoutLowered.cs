using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Corrects a widespread belief about tcp_fin_timeout.</summary>
internal sealed class FinTimeoutLowered : IRule
{
    private const long Default = 60;

    /// <inheritdoc/>
    public string Id => "fin-timeout-lowered";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "tcp_fin_timeout was lowered";

    /// <inheritdoc/>
    public string Runbook => "TcpTimeWaitTableNearLimit";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpFinTimeout) is not { } timeout)
        {
            return RuleResult.CannotTell("net.ipv4.tcp_fin_timeout could not be read");
        }

        return timeout >= Default
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"tcp_fin_timeout was lowered to {timeout} s, which does not shorten TIME_WAIT",
                Measured =
                [
                    $"net.ipv4.tcp_fin_timeout {timeout} (the kernel's default is {Default})",
                    .. context.Has(SourceId.Sockets)
                        ? [$"{Words.Count(context.Now.Kernel.States[TcpState.FinWait2])} sockets in FIN_WAIT2, {Words.Count(context.Now.Kernel.States[TcpState.TimeWait])} in TIME_WAIT"]
                        : Array.Empty<string>(),
                ],
                Why = "It only limits FIN_WAIT2 of sockets that the application has closed. A peer that answers later than that gets a reset.",
                Changes = [Change.Set(context, Sysctl.TcpFinTimeout, $"{Default}", "the kernel's default, unless many peers never close their side")],
                Cost = "If a peer never closes its side, the kernel keeps the socket for a minute, at about 300 bytes each.",
                Folklore = "TIME_WAIT lasts 60 s (TCP_TIMEWAIT_LEN), a constant in the kernel that no parameter changes.",
                Runbook = Runbook,
            };
    }
}
