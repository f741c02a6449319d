using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The causes are too many orphans, or tcp_mem[2].</summary>
internal sealed class AbortsForMemory : IRule
{
    /// <inheritdoc/>
    public string Id => "aborts-for-memory";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "connections are reset to save memory";

    /// <inheritdoc/>
    public string Runbook => "TcpAbortOnMemory";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Recent.TcpExt("TCPAbortOnMemory") is not { } aborted)
        {
            return RuleResult.CannotTell("/proc/net/netstat could not be read");
        }

        return !context.Recent.IsLoss(aborted)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "The kernel resets connections to save memory, and their last data is lost",
                Losses = [new Loss(null, aborted, context.TcpExt("TCPAbortOnMemory") ?? 0)],
                Measured =
                [
                    $"{Words.Count(aborted)} {context.Recent.InTime} (TCPAbortOnMemory), {Words.Count(context.TcpExt("TCPAbortOnMemory") ?? 0)} since boot",
                    .. context.Now.Host.Sockets is { } sockets
                        ? [$"{Words.Count(sockets.Orphans)} orphans (tcp_max_orphans {context.Text(Sysctl.TcpMaxOrphans)}), {Words.Count(sockets.MemoryPages)} pages in use (tcp_mem {context.Text(Sysctl.TcpMem)}); both host-wide"]
                        : Array.Empty<string>(),
                ],
                Why = "The kernel drops a connection that its application has closed (an orphan) if there are more orphans than tcp_max_orphans, or if TCP uses more than tcp_mem[2]. Misbehaving orphans count up to four times.",
                Changes = [Change.Do("Check orphans-near-limit and tcp-memory-pressure to see which limit it is. Then find connections whose peer does not take the data: ss -tn state fin-wait-1.")],
                Cost = "Looking costs nothing. A larger tcp_max_orphans or tcp_mem uses memory that cannot be swapped.",
                Folklore = "Closing connections in applications does not help: the kernel only resets orphans. Open connections wait for memory.",
                Runbook = Runbook,
            };
    }
}
