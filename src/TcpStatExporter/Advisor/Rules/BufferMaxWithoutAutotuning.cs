using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Explains what these parameters limit and what they do not.</summary>
internal sealed class BufferMaxWithoutAutotuning : IRule
{
    /// <summary>
    /// The default of newer kernels. Older ones have 212,992. Up to this value, nobody has raised it, or only to what others
    /// have anyway.
    /// </summary>
    private const long LargestDefault = 4 << 20;

    /// <inheritdoc/>
    public string Id => "buffer-max-without-autotuning";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "rmem_max or wmem_max was raised, but autotuning does not use it";

    /// <inheritdoc/>
    public string Runbook => "advice/buffer-max-without-autotuning";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Numbers(Sysctl.TcpRmem) is not { Count: 3 } receive
            || context.Numbers(Sysctl.TcpWmem) is not { Count: 3 } send
            || context.Number(Sysctl.RmemMax) is not { } receiveMax
            || context.Number(Sysctl.WmemMax) is not { } sendMax)
        {
            return RuleResult.CannotTell("net.ipv4.tcp_rmem, tcp_wmem, net.core.rmem_max or wmem_max could not be read");
        }

        if (receiveMax <= Math.Max(LargestDefault, receive.Third) && sendMax <= Math.Max(LargestDefault, send.Third))
        {
            return RuleResult.DoesNotHold;
        }

        return new Finding
        {
            Title = "rmem_max or wmem_max is above what autotuning can use: it only helps applications that set their own buffers",
            Measured =
            [
                $"net.core.rmem_max {Words.Count(receiveMax)}, net.ipv4.tcp_rmem {context.Text(Sysctl.TcpRmem)}",
                $"net.core.wmem_max {Words.Count(sendMax)}, net.ipv4.tcp_wmem {context.Text(Sysctl.TcpWmem)}",
            ],
            Why = "rmem_max and wmem_max only limit what an application can request with setsockopt(SO_RCVBUF, SO_SNDBUF). The kernel's autotuning stops at the last number of tcp_rmem and tcp_wmem.",
            Changes = [Change.Do("To speed up connections over long, fast paths, raise the last number of tcp_rmem and tcp_wmem to bandwidth times round-trip time. Otherwise leave both as they are.")],
            Cost = "Larger last numbers let each connection hold more memory. tcp_mem limits the sum.",
            Folklore = "Raising rmem_max and wmem_max alone does not speed up TCP, and an application that sets SO_RCVBUF turns autotuning off for that socket.",
            Runbook = Runbook,
        };
    }
}
