using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Checks that min, default and max are in order, and how they relate to tcp_mem.</summary>
internal sealed class BufferSizesInconsistent : IRule
{
    /// <summary>tcp_init uses at most 1/128 of memory, whatever the maximum below.</summary>
    private const long ShareOfMemory = 128;

    private const long ReceiveFirst = 128 << 10;
    private const long SendFirst = 16 << 10;

    /// <summary>Receive maximum: 6 MiB up to Linux 6.15, 32 MiB since. Send maximum: 4 MiB.</summary>
    private const long ReceiveMost = 6 << 20;
    private const long SendMost = 4 << 20;

    /// <summary>The kernel's minimum for the send maximum, however little memory there is.</summary>
    private const long SendLeastMost = 64 << 10;

    /// <inheritdoc/>
    public string Id => "buffer-sizes-inconsistent";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "tcp_rmem or tcp_wmem contradicts itself";

    /// <inheritdoc/>
    public string Runbook => "TcpMemoryPressure";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Numbers(Sysctl.TcpRmem) is not { Count: 3 } receive || context.Numbers(Sysctl.TcpWmem) is not { Count: 3 } send)
        {
            return RuleResult.CannotTell("net.ipv4.tcp_rmem or tcp_wmem could not be read");
        }

        var pressure = context.Numbers(Sysctl.TcpMem) is { Count: 3 } pages ? pages.Second * context.PageSize : long.MaxValue;
        Change[] changes =
        [
            .. PutRight(context, Sysctl.TcpRmem, receive, ReceiveFirst, Most(context, ReceiveFirst, ReceiveMost), pressure),
            .. PutRight(context, Sysctl.TcpWmem, send, SendFirst, Most(context, SendLeastMost, SendMost), pressure),
        ];
        return changes.Length == 0
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "The TCP buffer sizes are out of order, or one connection can use all TCP memory",
                Measured =
                [
                    $"net.ipv4.tcp_rmem {context.Text(Sysctl.TcpRmem)}, tcp_wmem {context.Text(Sysctl.TcpWmem)} (bytes: minimum, initial, maximum)",
                    .. context.Numbers(Sysctl.TcpMem) is { } memory ? [$"net.ipv4.tcp_mem {context.Text(Sysctl.TcpMem)} (pages); pressure at {Words.Mebibytes((double)memory.Second * context.PageSize)}"] : Array.Empty<string>(),
                ],
                Why = "The three numbers are the minimum, initial and maximum buffer size of a socket. If they are out of order, autotuning cannot work. If the maximum is above the second number of tcp_mem, one connection can put all others under memory pressure.",
                Changes = [.. changes.DistinctBy(change => change.Parameter)],
                Cost = "Connections with larger buffers are limited to the new size. Connections over long, fast paths may need a larger last number.",
                Runbook = Runbook,
            };
    }

    /// <summary>Returns the max value as tcp_init computes it (net/ipv4/tcp.c).</summary>
    private static long Most(AdvisorContext context, long least, long most) =>
        context.MemoryBytes is { } memory ? Math.Max(least, Math.Min(most, memory / ShareOfMemory)) : most;

    /// <summary>
    /// Puts the sizes in order and below the pressure value of tcp_mem. If that value is below any sensible size, tcp_mem is
    /// wrong instead.
    /// </summary>
    private static IEnumerable<Change> PutRight(AdvisorContext context, Sysctl name, SysctlValue sizes, long first, long most, long pressure)
    {
        var isOrdered = sizes.First <= sizes.Second && sizes.Second <= sizes.Third;
        if (isOrdered && sizes.Third <= pressure)
        {
            yield break;
        }

        if (!isOrdered || sizes.Third > most)
        {
            yield return Change.Set(
                context,
                name,
                $"{context.PageSize} {first} {most}",
                $"a page, {Words.Count(first)}, and a 128th of memory but at most {Words.Mebibytes(most)}: in order, and as the kernel reckons at boot, newer ones with a larger last number for receiving");
        }

        if (most > pressure)
        {
            yield return context.MemoryBytes is { } memory
                ? Memory.Default(context, memory)
                : Change.Do("Raise net.ipv4.tcp_mem, which is in pages: its second number is less than the buffer of one connection.");
        }
    }
}
