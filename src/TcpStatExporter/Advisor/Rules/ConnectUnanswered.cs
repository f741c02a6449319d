using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// Connections to a destination get no answer. A client that gives up by its own timeout increments no failure counter. Two
/// things still show it. First, the time spent in SYN_SENT divided by the number of connects is the average duration of a
/// connect (Little's law). Second, a retransmitted SYN had no answer for one second. The second sign finds a dead destination
/// among many healthy ones.
/// </summary>
internal sealed class ConnectUnanswered : IRule
{
    /// <summary>
    /// In seconds. After this time the kernel has retransmitted the SYN, so the answer was not slow but missing.
    /// </summary>
    private const double Unanswered = 1;

    /// <summary>
    /// By this time the kernel has given up (tcp_syn_retries). Whoever still waits has retried, which people do not do.
    /// </summary>
    private static readonly TimeSpan LongestConnect = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public string Id => "connect-unanswered";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "a destination does not answer connection requests";

    /// <inheritdoc/>
    public string Runbook => "TcpConnectUnanswered";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sockets) || context.Lately.Tcp("ActiveOpens") is not { } opened)
        {
            return RuleResult.CannotTell("sockets or /proc/net/snmp could not be read");
        }

        var waiting = Waiting(context, opened);
        if (waiting.Count == 0)
        {
            return RuleResult.DoesNotHold;
        }

        return new Finding
        {
            Title = $"{Name(waiting[0].Identity)}{(waiting.Count > 1 ? $" and {waiting.Count - 1} more do" : " does")} not answer connection requests",
            Measured = Words.AtMostTen(
            [
                .. waiting.Select(destination => $"{Name(destination.Identity)}: {Words.Count(destination.Connections)} wait for an answer now, some at every sample for {Words.Ago(context.Now.SampledAt - destination.Since)}; up to {Words.Count(destination.Resent)} had to repeat their SYN"),
                $"a connect takes {Words.Rate(Mean(context.Lately))} s on average {context.Lately.InTime} ({Words.Rate(context.Lately.SynSentSeconds)} s in SYN_SENT, {Words.Count(opened)} connects); attempts that the kernel gave up on or the peer refused: {Words.Count(context.Lately.Tcp("AttemptFails") ?? 0)}",
            ]),
            Why = "The SYN or its answer gets lost: the host is down, the address is wrong, or a firewall or security group drops the packets. If a client gives up by its own timeout, it closes the socket, and the kernel counts no failure.",
            Changes =
            [
                Change.Do("Try it from here (nc -vz ADDRESS PORT), and see how far it gets (tcpdump on both sides). A refusal would come at once, so something drops the packets."),
                Change.Do("In the application: use a short connect timeout and a circuit breaker, so that a dead dependency does not block all workers."),
            ],
            Cost = "Looking costs nothing.",
            Folklore = "net.ipv4.tcp_syn_retries only decides how long the kernel keeps trying. It does not make the server answer.",
            Runbook = Runbook,
        };
    }

    /// <summary>
    /// Returns the destinations that do not answer. Leaves out listeners of this host that have a problem, because their
    /// findings include their clients. Time in SYN_SENT has no destination, so while such clients wait it says nothing about
    /// the other destinations.
    /// </summary>
    private static List<HolderSample> Waiting(AdvisorContext context, ulong opened)
    {
        var waiting = new List<HolderSample>();
        long connections = 0;
        var isOwn = false;
        foreach (ref readonly var destination in context.Now.SynSentDestinations.Span)
        {
            if (IsInTrouble(context, destination))
            {
                isOwn = true;
            }
            else
            {
                waiting.Add(destination);
                connections += destination.Connections;
            }
        }

        var isSlow = !isOwn && Math.Max(opened, (ulong)connections) >= Thresholds.UnansweredConnects && (Mean(context.Recent) >= Unanswered || Mean(context.Lately) >= Unanswered);
        waiting.RemoveAll(destination => !isSlow && !IsUnanswered(context, destination));
        return waiting;
    }

    /// <summary>
    /// Returns true if most of the waiting connections have retransmitted their SYN, and there are several, or they recur.
    /// </summary>
    private static bool IsUnanswered(AdvisorContext context, HolderSample destination) =>
        destination.Resent * 2 >= destination.Connections
        && destination.Resent >= (context.Now.SampledAt - destination.Since > LongestConnect ? 1 : Thresholds.UnansweredConnects);

    private static bool IsInTrouble(AdvisorContext context, in HolderSample destination)
    {
        if (!destination.Identity.IsLocal)
        {
            return false;
        }

        foreach (var suspect in context.AffectedListeners)
        {
            if (suspect.Condition != ListenerCondition.None && suspect.Identity.Port == destination.Identity.Port
                && (suspect.Identity.Address.IsWildcard || suspect.Identity.Address.Unmapped() == destination.Identity.Address))
            {
                return true;
            }
        }

        return false;
    }

    private static double Mean(Stretch stretch) => stretch.SynSentSeconds / Math.Max(1, stretch.Tcp("ActiveOpens") ?? 0);

    private static string Name(HolderIdentity holder) => holder.Unit.Length > 0 ? $"{holder.Destination} (asked by {holder.Unit})" : holder.Destination;
}
