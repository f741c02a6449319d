using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The result is an out-of-memory kill instead of back-pressure.</summary>
internal sealed class TcpMemTooLarge : IRule
{
    private const double Share = 1.0 / 3;

    /// <inheritdoc/>
    public string Id => "tcp-mem-too-large";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "tcp_mem allows TCP too much memory";

    /// <inheritdoc/>
    public string Runbook => "TcpMemoryNearLimit";

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
                Title = $"tcp_mem lets TCP use {Words.Percent(upper / memory)} of memory",
                Measured = [Memory.Measured(context, pages, memory)],
                Why = "Socket buffers cannot be swapped. If they may use more than about a third of memory, the out-of-memory killer runs before TCP slows its peers down.",
                Changes = [Memory.Default(context, memory)],
                Cost = "Connections share less memory. With very many fast ones, the kernel shrinks their buffers sooner.",
                Folklore = "A larger tcp_mem does not make a connection faster: tcp_rmem and tcp_wmem limit the buffers of one connection.",
                Runbook = Runbook,
            };
    }
}
