using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The kernel's default is to let clients try again.</summary>
internal sealed class AbortOnOverflow : IRule
{
    /// <inheritdoc/>
    public string Id => "abort-on-overflow";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "a full accept queue resets clients";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpAbortOnOverflow) is not { } abort)
        {
            return RuleResult.CannotTell("net.ipv4.tcp_abort_on_overflow could not be read");
        }

        return abort == 0
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "tcp_abort_on_overflow is on: a short burst becomes errors that clients see",
                Measured =
                [
                    $"net.ipv4.tcp_abort_on_overflow {abort}",
                    $"ListenOverflows {Words.Count(context.Lately.TcpExt("ListenOverflows") ?? 0)} {context.Lately.InTime}, {Words.Count(context.TcpExt("ListenOverflows") ?? 0)} since boot",
                ],
                Why = "With it the kernel resets a connection whose last ACK meets a full accept queue, instead of dropping the ACK and letting the client try again a moment later.",
                Changes = [Change.Set(context, Sysctl.TcpAbortOnOverflow, "0", "the kernel's default")],
                Cost = "Clients of a server that is overloaded throughout wait for their time-out instead of failing at once.",
                Folklore = "It is no means against overflow: the queue is as full as before, and the kernel's documentation advises it only where the server can never be tuned to accept faster.",
                Runbook = "TcpAcceptQueueFilling",
            };
    }
}
