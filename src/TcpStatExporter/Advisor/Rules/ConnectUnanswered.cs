using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// Connections to somewhere get no answer. A client that gives up by its own time-out moves no counter of failure, but the
/// time spent in SYN_SENT tells all the same: divided by the connects it is how long one takes (Little's law).
/// </summary>
internal sealed class ConnectUnanswered : IRule
{
    /// <summary>Seconds: from then on the kernel has sent the SYN again, so an answer was not slow but missing.</summary>
    private const double Unanswered = 1;

    /// <summary>One that waits may be a person at a keyboard.</summary>
    private const double FewestConnects = 3;

    /// <inheritdoc/>
    public string Id => "connect-unanswered";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "a destination does not answer connection requests";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sockets) || context.Lately.Tcp("ActiveOpens") is not { } opened)
        {
            return Judgement.CannotTell("sockets or /proc/net/snmp could not be read");
        }

        var waiting = Waiting(context);
        var count = waiting.Sum(destination => destination.Connections);

        if (waiting.Count == 0 || Math.Max(opened, (ulong)count) < FewestConnects || !(Mean(context.Recent) >= Unanswered || Mean(context.Lately) >= Unanswered))
        {
            return Judgement.DoesNotHold;
        }

        return new Finding
        {
            Title = $"{Name(waiting[0].Identity)}{(waiting.Count > 1 ? $" and {waiting.Count - 1} more do" : " does")} not answer connection requests",
            Measured = Words.AtMostTen(
            [
                .. waiting.Select(destination => $"{Name(destination.Identity)}: {Words.Count(destination.Connections)} wait for an answer now, some at every look for {Words.Ago(context.Now.SampledAt - destination.Since)}"),
                $"a connect takes {Words.Rate(Mean(context.Lately))} s on average {context.Lately.InTime} ({Words.Rate(context.Lately.SynSentSeconds)} s in SYN_SENT, {Words.Count(opened)} connects); attempts that the kernel gave up or the peer refused: {Words.Count(context.Lately.Tcp("AttemptFails") ?? 0)}",
            ]),
            Why = "The SYN, or its answer, is lost: the host is down, its address is wrong, or a firewall or security group drops the packets. A client that gives up by its own time-out closes the socket, and no failure is counted.",
            Changes =
            [
                Change.Do("Try it from here (nc -vz ADDRESS PORT), and see how far it gets (tcpdump on both sides). A refusal would come at once: what does not answer drops."),
                Change.Do("In the application: a short connect time-out and a circuit breaker, so that a dead dependency does not take the workers with it."),
            ],
            Cost = "None to look.",
            Folklore = "net.ipv4.tcp_syn_retries only decides how long the kernel goes on trying; it makes nobody answer.",
            Runbook = "TcpConnectUnanswered",
        };
    }

    /// <summary>Destinations that connections wait for, but for listeners of this host that lose connections: those are told as that.</summary>
    private static List<HolderSample> Waiting(AdvisorContext context)
    {
        var waiting = new List<HolderSample>();
        foreach (ref readonly var destination in context.Now.SynSentDestinations.Span)
        {
            if (!IsInTrouble(context, destination.Identity.Destination))
            {
                waiting.Add(destination);
            }
        }

        return waiting;
    }

    private static bool IsInTrouble(AdvisorContext context, string destination)
    {
        foreach (var suspect in context.Suspects)
        {
            var (address, port) = (suspect.Identity.Address, suspect.Identity.Port);
            if (suspect.Trouble != ListenerTrouble.None
                && (destination == Words.Endpoint(address.Unmapped(), port)
                    || (address.IsWildcard && (destination == $"127.0.0.1:{port}" || destination == $"[::1]:{port}"))))
            {
                return true;
            }
        }

        return false;
    }

    private static double Mean(Stretch stretch) => stretch.SynSentSeconds / Math.Max(1, stretch.Tcp("ActiveOpens") ?? 0);

    private static string Name(HolderIdentity holder) => holder.Unit.Length > 0 ? $"{holder.Destination} (asked by {holder.Unit})" : holder.Destination;
}
