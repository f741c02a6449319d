using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Host-wide: every connection is slowed.</summary>
internal sealed class TcpMemoryPressure : IRule
{
    private const double NearLimit = 0.85;

    /// <inheritdoc/>
    public string Id => "tcp-memory-pressure";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "TCP is under memory pressure";

    /// <inheritdoc/>
    public bool IsHostWide => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Numbers(Sysctl.TcpMem) is not { Count: 3 } limits || !context.Has(SourceId.Sockstat))
        {
            return RuleResult.CannotTell("net.ipv4.tcp_mem (host-wide, and absent in a network namespace that is not the host's) or /proc/net/sockstat could not be read");
        }

        var used = context.Now.Kernel.Sockstat.TcpMemoryPages;
        var entered = context.Lately.TcpExt("TCPMemoryPressures") ?? 0;
        if (used <= limits.Second && entered == 0)
        {
            return RuleResult.DoesNotHold;
        }

        return new Finding
        {
            Title = $"TCP is under memory pressure: {Words.Mebibytes((double)used * context.PageSize)} in use",
            Measured =
            [
                $"{Words.Count(used)} pages in use; net.ipv4.tcp_mem {context.Text(Sysctl.TcpMem)}: pressure above the second number, drops above the third",
                $"entered {Words.Count(entered)} times {context.Lately.InTime} (TCPMemoryPressures), {Words.Count(context.TcpExt("TCPMemoryPressures") ?? 0)} since boot",
            ],
            Why = "Under pressure the kernel shrinks the windows and buffers of every connection of the host; above the last number it drops what arrives and resets closed connections that still have data.",
            Changes =
            [
                Change.Do("Find who holds it: ss -tnm, sorted by rmem and wmem. An application that does not read, or a peer that does not, holds whole buffers."),
                .. context.MemoryBytes is { } memory && limits.Second * context.PageSize < memory / 16 * 0.9 ? [Memory.Default(context, memory)] : Array.Empty<Change>(),
            ],
            Cost = "A larger tcp_mem puts off the pressure at the price of memory that cannot be swapped.",
            Folklore = "Larger tcp_rmem and tcp_wmem make this worse: they let each connection hold more.",
            Runbook = used > NearLimit * limits.Third ? "TcpMemoryNearLimit" : "TcpMemoryPressure",
        };
    }
}
