using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The order of least, first and most, and their relation to tcp_mem.</summary>
internal sealed class BufferSizesInconsistent : IRule
{
    /// <inheritdoc/>
    public string Id => "buffer-sizes-inconsistent";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "tcp_rmem or tcp_wmem contradicts itself";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (context.Numbers(Sysctl.TcpRmem) is not { Count: 3 } receive || context.Numbers(Sysctl.TcpWmem) is not { Count: 3 } send)
        {
            return Judgement.CannotTell("net.ipv4.tcp_rmem or tcp_wmem could not be read");
        }

        var changes = new List<Change>();
        if (!IsSound(context, receive))
        {
            changes.Add(Change.Set(context, Sysctl.TcpRmem, "4096 131072 6291456", "the kernel's default"));
        }

        if (!IsSound(context, send))
        {
            changes.Add(Change.Set(context, Sysctl.TcpWmem, "4096 16384 4194304", "the kernel's default"));
        }

        return changes.Count == 0
            ? Judgement.DoesNotHold
            : new Finding
            {
                Title = "The sizes of TCP buffers are out of order, or one connection may take all of TCP's memory",
                Measured =
                [
                    $"net.ipv4.tcp_rmem {context.Text(Sysctl.TcpRmem)}, tcp_wmem {context.Text(Sysctl.TcpWmem)} (bytes: least, first, most)",
                    .. context.Numbers(Sysctl.TcpMem) is { } memory ? [$"net.ipv4.tcp_mem {context.Text(Sysctl.TcpMem)} (pages); pressure at {Words.Mebibytes((double)memory.Second * context.PageSize)}"] : Array.Empty<string>(),
                ],
                Why = "The three numbers are the least, the first and the most that the kernel gives a socket: out of order, autotuning cannot work, and above tcp_mem one connection brings all others under pressure.",
                Changes = changes,
                Cost = "Connections that used larger buffers are bounded by the new ones; those over long, fast paths may need a larger last number.",
                Runbook = "TcpMemoryPressure",
            };
    }

    private static bool IsSound(AdvisorContext context, in SysctlValue sizes) =>
        sizes.First <= sizes.Second
        && sizes.Second <= sizes.Third
        && (context.Numbers(Sysctl.TcpMem) is not { Count: 3 } pages || sizes.Third <= pages.Second * context.PageSize);
}
