using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>An application reads its UDP socket too slowly, or the receive buffer is too small for a burst.</summary>
internal sealed class UdpReceiverDrops : IRule
{
    private const int Named = 3;

    /// <summary>Room for tens of thousands of small datagrams, including the kernel's overhead for each.</summary>
    private const long EnoughBytes = 8 * 1024 * 1024;

    /// <inheritdoc/>
    public string Id => "udp-receiver-drops";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "a UDP receiver drops datagrams";

    /// <inheritdoc/>
    public string Runbook => "UdpReceiverDrops";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Now.Status(SourceId.Udp).Status == SourceStatus.Absent)
        {
            return RuleResult.DoesNotHold;
        }

        if (context.Lately.UdpDropped is not { } dropped)
        {
            return RuleResult.CannotTell("UDP sockets could not be read");
        }

        if (!context.Lately.IsLoss(dropped))
        {
            return RuleResult.DoesNotHold;
        }

        var most = Dropping(context);
        return new Finding
        {
            Title = most.Count == 0 ? "A UDP receiver drops datagrams" : $"UDP receiver {Words.Name(most[0].Receiver.Identity)} drops datagrams",
            Measured =
            [
                $"{Words.Count(dropped)} datagrams dropped at all UDP sockets {context.Lately.InTime}",
                .. most.Take(Named).Select(one => $"{Words.Name(one.Receiver.Identity)}: {Words.Count(one.Dropped)} dropped {context.Lately.InTime}, {Queue(one.Receiver)}"),
            ],
            Why = "If the receive buffer of a socket is full, the kernel drops the next datagram. Nobody sends it again unless the application does.",
            Changes =
            [
                Change.Do("Check whether the application keeps up: a thread at 100 % CPU, or one that blocks on a disk or a log. Give it more threads, or more sockets with SO_REUSEPORT."),
                .. Buffer(context, most),
            ],
            Cost = "A larger buffer uses more memory, and datagrams wait longer in it before the application reads them.",
            Folklore = "net.ipv4.udp_mem and udp_rmem_min do not make a buffer larger. Bad checksums and datagrams that a socket filter refuses count as drops too.",
            Runbook = Runbook,
        };
    }

    /// <summary>Returns the receivers that dropped datagrams lately, most drops first.</summary>
    private static List<(UdpSample Receiver, ulong Dropped)> Dropping(AdvisorContext context)
    {
        var dropping = new List<(UdpSample Receiver, ulong Dropped)>();
        foreach (ref readonly var receiver in context.Now.UdpReceivers.Span)
        {
            if (context.Lately.UdpDroppedAt(receiver) is > 0 and var dropped)
            {
                dropping.Add((receiver, dropped));
            }
        }

        return [.. dropping.OrderByDescending(one => one.Dropped)];
    }

    private static string Queue(in UdpSample receiver) => receiver.LimitBytes > 0
        ? $"receive queue {Words.Count(receiver.QueueBytes)} of {Words.Count(receiver.LimitBytes)} bytes"
        : $"receive queue {Words.Count(receiver.QueueBytes)} bytes";

    /// <summary>
    /// rmem_max limits what an application requests. The kernel doubles the request, and the socket's limit shows the doubled
    /// value.
    /// </summary>
    private static IEnumerable<Change> Buffer(AdvisorContext context, List<(UdpSample Receiver, ulong Dropped)> most)
    {
        if (context.Number(Sysctl.RmemMax) is not { } bound)
        {
            yield return Change.Do("For bursts, make the receive buffer larger in the application (SO_RCVBUF). net.core.rmem_max is its upper limit.");
            yield break;
        }

        if (bound < EnoughBytes && most.Exists(one => one.Receiver.LargestLimitBytes >= 2 * bound))
        {
            yield return Change.Set(context, Sysctl.RmemMax, $"{EnoughBytes}", "the upper limit of SO_RCVBUF, which the application has reached");
        }

        yield return Change.Do($"For bursts, make the receive buffer larger in the application (SO_RCVBUF), then restart it. The upper limit is net.core.rmem_max, now {Words.Count(bound)} bytes. Applications that do not ask get net.core.rmem_default.");
    }
}
