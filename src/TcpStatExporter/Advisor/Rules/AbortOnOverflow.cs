using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The kernel's default lets clients retry.</summary>
internal sealed class AbortOnOverflow : IRule
{
    /// <inheritdoc/>
    public string Id => "abort-on-overflow";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "a full accept queue resets clients instead of letting them retry";

    /// <inheritdoc/>
    public string Runbook => "TcpAcceptQueueFilling";

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
                Why = "If the accept queue is full, the kernel resets the connection. Without this setting it drops the last ACK of the handshake, and the client retries a moment later.",
                Changes = [Change.Set(context, Sysctl.TcpAbortOnOverflow, "0", "the kernel's default")],
                Cost = "If a server is always overloaded, its clients wait for a timeout instead of failing at once.",
                Folklore = "It does not prevent overflow: the queue is as full as before. The kernel documentation recommends it only if the server can never accept faster.",
                Runbook = Runbook,
            };
    }
}
