using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// A service stopped listening, and clients still try to connect: the kernel answers each attempt with a reset. Resets are
/// not counted by port, so the sign is that more are sent than before the listener closed. A restart of some seconds is not
/// reported. A deployment of one or two minutes is a warning. After that it is an outage, as in the alert.
/// </summary>
/// <param name="isOutage">
/// True: for listeners that have been closed for long. False: for those that may be back soon, or come and go.
/// </param>
internal sealed class ListenerGone(bool isOutage) : IRule
{
    /// <summary>A restart takes less time than this.</summary>
    private static readonly TimeSpan ShortestGap = TimeSpan.FromSeconds(10);

    /// <summary>A deployment takes less time than this. TcpListenerGone waits as long.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(3);

    /// <summary>
    /// A listener that was open for less time is not a service. One that was open at the first read is older than it seems.
    /// </summary>
    private static readonly TimeSpan ShortestService = TimeSpan.FromMinutes(1);

    /// <summary>If it began to listen this often within minutes, it is in a crash loop.</summary>
    private const ulong Flapping = 3;

    /// <summary>Factor by which resets must exceed those before the listener closed.</summary>
    private const double MoreThanBefore = 2;

    /// <inheritdoc/>
    public string Id => isOutage ? "listener-gone" : "listener-away";

    /// <inheritdoc/>
    public Severity Severity => isOutage ? Severity.Critical : Severity.Warning;

    /// <inheritdoc/>
    public string Subject => isOutage ? "a service stopped listening, and clients are refused" : "a service restarts, perhaps in a loop, and clients are refused";

    /// <inheritdoc/>
    public string Runbook => "TcpListenerGone";

    /// <inheritdoc/>
    public string Incident => "listener-gone";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners) || Departures.Refused(context.Recent) is not { } refused)
        {
            return RuleResult.CannotTell("listeners or /proc/net/snmp could not be read");
        }

        var flapping = isOutage ? [] : context.Find((in ListenerSample listener) => listener.Openings >= Flapping && context.Slow.Openings(listener) >= Flapping);
        var gone = new List<ClosedListener>();
        foreach (ref readonly var closed in context.Now.Closed.Span)
        {
            var away = context.Now.ListenersAt - closed.LastSeen;
            if (away < Outage && closed.Last.Openings >= Flapping && context.Slow.Openings(closed.Last) >= Flapping)
            {
                if (!isOutage)
                {
                    flapping.Add(closed.Last);
                }
            }
            else if ((closed.Listened >= ShortestService || closed.Last.Openings == 0)
                && away >= (isOutage ? Outage : ShortestGap)
                && away < (isOutage ? TimeSpan.MaxValue : Outage)
                && context.Recent.IsLoss(refused)
                && context.Recent.PerSecond(refused) > MoreThanBefore * context.Departures.RefusedBefore(closed.Last.Identity))
            {
                gone.Add(closed);
            }
        }

        // listeners in a crash loop keep the same headline, whether they are open at this moment or not
        flapping.RemoveAll(listener => !context.Lately.IsLoss(Departures.Refused(context.Lately) ?? 0));
        if (gone.Count == 0 && flapping.Count == 0)
        {
            return RuleResult.DoesNotHold;
        }

        gone.Sort((one, other) => other.LastSeen.CompareTo(one.LastSeen));
        flapping.Sort((one, other) => one.Identity.Port.CompareTo(other.Identity.Port));
        ListenerIdentity[] names = [.. flapping.Select(listener => listener.Identity), .. gone.Select(closed => closed.Last.Identity)];
        return new Finding
        {
            Title = flapping.Count > 0
                ? $"{Words.Names(names)} keeps stopping and starting, and clients are refused"
                : $"{Words.Names(names)} stopped listening {Words.Ago(context.Now.ListenersAt - gone[0].LastSeen)} ago, and clients are refused",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                .. flapping.Select(listener => $"{Words.Name(listener.Identity)}: started to listen {Words.Count(context.Slow.Openings(listener))} times {context.Slow.InTime}"),
                .. gone.Select(closed => $"{Words.Name(closed.Last.Identity)}: {ListenerConditions.Stopped(context.Now.ListenersAt - closed.LastSeen)}; it had listened for {Words.Ago(closed.Listened)}"),
                $"{Words.Count(refused)} resets sent {context.Recent.InTime} for segments without a connection (OutRsts){(gone.Count > 0 ? $"; before it stopped, {Words.Rate(context.Departures.RefusedBefore(gone[0].Last.Identity))} a second" : "")}",
            ]),
            Why = "Nothing listens on the port, so the kernel answers each SYN with a reset, and clients get ECONNREFUSED.",
            Changes =
            [
                Change.Do("Find out why it stopped: systemctl status and journalctl -u for the unit. After a restart it comes back by itself."),
                Change.Do("If it stopped on purpose: remove it from the load balancer or the service registry, so that no client tries it."),
            ],
            Cost = "Looking costs nothing.",
            Folklore = "No kernel parameter helps: without a listener there is no queue.",
            Runbook = Runbook,
        };
    }
}
