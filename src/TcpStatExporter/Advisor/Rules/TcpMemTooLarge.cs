using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>An out-of-memory kill instead of back-pressure.</summary>
internal sealed class TcpMemTooLarge : IRule
{
    private const double Share = 1.0 / 3;

    /// <inheritdoc/>
    public string Id => "tcp-mem-too-large";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "tcp_mem allows too much of the memory";

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
        var inBytes = pages.Third > memory / context.PageSize && pages.Third <= memory;
        return upper <= Share * memory || inBytes
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"tcp_mem lets TCP take {Words.Percent(upper / memory)} of memory",
                Measured = [Memory.Measured(context, pages, memory)],
                Why = "Buffers of sockets cannot be swapped: where they may take more than about a third of memory, the out-of-memory killer comes before TCP holds back its peers.",
                Changes = [Memory.Default(context, memory)],
                Cost = "Connections share less memory at most: with very many fast ones, the kernel shrinks their buffers sooner.",
                Folklore = "A larger tcp_mem makes no connection faster: the size of one connection's buffers is bounded by tcp_rmem and tcp_wmem.",
                Runbook = "TcpMemoryNearLimit",
            };
    }
}
