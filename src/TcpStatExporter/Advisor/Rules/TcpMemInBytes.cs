using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Three numbers that are 4,096 times too large.</summary>
internal sealed class TcpMemInBytes : IRule
{
    /// <inheritdoc/>
    public string Id => "tcp-mem-in-bytes";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "tcp_mem was set in bytes";

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

        // more pages than the machine has, but a sensible size if the numbers were bytes
        return pages.Third <= memory / context.PageSize || pages.Third > memory
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "tcp_mem looks as if it was set in bytes, but it counts pages",
                Measured = [Memory.Measured(context, pages, memory), $"as bytes the upper limit would be {Words.Mebibytes(pages.Third)}"],
                Why = "The kernel compares it with the pages that all TCP sockets hold. A limit above all memory is no limit: socket buffers grow until the out-of-memory killer runs.",
                Changes = [Memory.Default(context, memory)],
                Cost = "TCP sockets can use less memory. Above the middle number, the kernel shrinks the buffers of all connections.",
                Folklore = "Do not copy numbers between them: tcp_rmem and tcp_wmem are in bytes, tcp_mem is in pages.",
                Runbook = Runbook,
            };
    }
}
