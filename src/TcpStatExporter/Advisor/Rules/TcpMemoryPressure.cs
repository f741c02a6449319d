using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Host-wide: every connection becomes slower.</summary>
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
    public string Runbook => "TcpMemoryPressure";

    /// <inheritdoc/>
    public bool IsHostWide => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Numbers(Sysctl.TcpMem) is not { Count: 3 } limits || context.Now.Host.Sockets is not { MemoryPages: var used })
        {
            return RuleResult.CannotTell("net.ipv4.tcp_mem (host-wide, only visible in the host's network namespace) or /proc/net/sockstat could not be read");
        }

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
            Why = "Under pressure, the kernel shrinks the windows and buffers of every connection on the host. Above the last number, it drops incoming data and resets closed connections that still have data to send.",
            Changes =
            [
                Change.Do("Find out who holds the memory: ss -tnm, sorted by rmem and wmem. If an application or a peer does not read, its buffers are full."),
                .. context.MemoryBytes is { } memory && limits.Second * context.PageSize < memory / 16 * 0.9 ? [Memory.Default(context, memory)] : Array.Empty<Change>(),
            ],
            Cost = "A larger tcp_mem delays the pressure but uses memory that cannot be swapped.",
            Folklore = "Larger tcp_rmem and tcp_wmem make this worse: each connection can then use more.",
            Runbook = used > NearLimit * limits.Third ? "TcpMemoryNearLimit" : Runbook,
        };
    }
}
