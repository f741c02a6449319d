using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Less than a fifth of what the kernel computes itself.</summary>
internal sealed class TcpMemTooSmall : IRule
{
    private const double Share = 0.02;

    /// <summary>Enough for any host, regardless of its memory.</summary>
    private const double Plenty = 4.0 * 1024 * 1024 * 1024;

    /// <inheritdoc/>
    public string Id => "tcp-mem-too-small";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "tcp_mem allows TCP too little memory";

    /// <inheritdoc/>
    public string Runbook => "TcpMemoryPressure";

    /// <inheritdoc/>
    public bool IsHostWide => true;

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Numbers(Sysctl.TcpMem) is not { Count: 3 } pages || context.MemoryBytes is not { } memory)
        {
            return RuleResult.CannotTell(Memory.Foreign);
        }

        var upper = (double)pages.Third * context.PageSize;
        return upper >= Share * memory || upper >= Plenty
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"tcp_mem lets TCP use only {Words.Percent(upper / memory)} of memory",
                Measured =
                [
                    Memory.Measured(context, pages, memory),
                    .. context.Now.Host.Sockets is { } sockets ? [$"in use: {Words.Mebibytes((double)sockets.MemoryPages * context.PageSize)}"] : Array.Empty<string>(),
                ],
                Why = "Above the middle number, the kernel shrinks the buffers of every connection on the host. Above the last, it drops incoming data.",
                Changes = [Memory.Default(context, memory)],
                Cost = "TCP sockets may use more memory, which cannot be swapped.",
                Runbook = Runbook,
            };
    }
}
