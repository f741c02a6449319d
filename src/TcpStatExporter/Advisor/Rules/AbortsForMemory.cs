using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Too many orphans, or tcp_mem[2].</summary>
internal sealed class AbortsForMemory : IRule
{
    /// <inheritdoc/>
    public string Id => "aborts-for-memory";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "connections are reset for want of memory";

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
                Title = "Connections are reset for want of memory, with their last data undelivered",
                Losses = [new Loss(null, aborted, context.TcpExt("TCPAbortOnMemory") ?? 0)],
                Measured =
                [
                    $"{Words.Count(aborted)} {context.Recent.InTime} (TCPAbortOnMemory), {Words.Count(context.TcpExt("TCPAbortOnMemory") ?? 0)} since boot",
                    .. context.Has(SourceId.Sockstat)
                        ? [$"{Words.Count(context.Now.Kernel.Sockstat.TcpOrphan)} orphans (tcp_max_orphans {context.Text(Sysctl.TcpMaxOrphans)}), {Words.Count(context.Now.Kernel.Sockstat.TcpMemoryPages)} pages in use (tcp_mem {context.Text(Sysctl.TcpMem)}); both host-wide"]
                        : Array.Empty<string>(),
                ],
                Why = "A connection that its application has closed is dropped where there are more orphans than tcp_max_orphans, misbehaving ones weighed up to four times, or where TCP holds more than tcp_mem[2].",
                Changes = [Change.Do("See which limit it is by orphans-near-limit and tcp-memory-pressure, and who closes connections whose peer does not take the data: ss -tn state fin-wait-1.")],
                Cost = "None to look. A larger tcp_max_orphans or tcp_mem, where one of those asks for it, is memory that cannot be swapped.",
                Folklore = "It is not the connections that applications hold: those wait for memory, and only orphans are reset.",
                Runbook = "TcpAbortOnMemory",
            };
    }
}
