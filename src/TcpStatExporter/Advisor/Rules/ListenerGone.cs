using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// A service stopped listening, and clients still try: the kernel answers each with a reset. Nobody counts resets by port,
/// so what tells is that more of them are sent than before it went.
/// </summary>
internal sealed class ListenerGone : IRule
{
    /// <summary>A socket that is closed and opened again within a restart.</summary>
    private static readonly TimeSpan ShortestGap = TimeSpan.FromSeconds(3);

    /// <summary>Something that listened for a moment is no service.</summary>
    private static readonly TimeSpan ShortestService = TimeSpan.FromMinutes(1);

    /// <summary>So often it began to listen within minutes: a crash loop.</summary>
    private const ulong Flapping = 3;

    /// <summary>So many times as many resets as before it went.</summary>
    private const double MoreThanBefore = 2;

    /// <inheritdoc/>
    public string Id => "listener-gone";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "a service stopped listening, and clients are refused";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners) || Departures.Refused(context.Recent) is not { } refused)
        {
            return Judgement.CannotTell("listeners or /proc/net/snmp could not be read");
        }

        var flapping = context.Find((in ListenerSample listener) => listener.Openings >= Flapping && context.Slow.Openings(listener) >= Flapping);
        var gone = new List<ClosedListener>();
        foreach (ref readonly var closed in context.Now.Closed.Span)
        {
            if (closed.Last.Openings >= Flapping && context.Slow.Openings(closed.Last) >= Flapping)
            {
                flapping.Add(closed.Last);
            }
            else if (closed.Listened >= ShortestService
                && context.Now.ListenersAt - closed.LastSeen >= ShortestGap
                && context.Recent.IsLoss(refused)
                && context.Recent.PerSecond(refused) > MoreThanBefore * context.Departures.RefusedBefore(closed.Last.Identity))
            {
                gone.Add(closed);
            }
        }

        // those in a crash loop keep one headline, whether they listen at this moment or not
        flapping.RemoveAll(listener => !context.Lately.IsLoss(Departures.Refused(context.Lately) ?? 0));
        if (gone.Count == 0 && flapping.Count == 0)
        {
            return Judgement.DoesNotHold;
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
                .. flapping.Select(listener => $"{Words.Name(listener.Identity)}: began to listen {Words.Count(context.Slow.Openings(listener))} times {context.Slow.InTime}"),
                .. gone.Select(closed => $"{Words.Name(closed.Last.Identity)}: {Trouble.Stopped(context.Now.ListenersAt - closed.LastSeen)}; it had listened for {Words.Ago(closed.Listened)}"),
                $"{Words.Count(refused)} resets sent {context.Recent.InTime} for which this host has no connection (OutRsts){(gone.Count > 0 ? $"; before it went {Words.Rate(context.Departures.RefusedBefore(gone[0].Last.Identity))} a second" : "")}",
            ]),
            Why = "Nothing listens on the port, so the kernel answers each SYN with a reset, and clients get ECONNREFUSED.",
            Changes =
            [
                Change.Do("See why it ended: systemctl status and journalctl -u of the unit. In a restart it comes back by itself."),
                Change.Do("Where it is meant to be gone: take it out of the load balancer or the service registry, so that nobody asks for it."),
            ],
            Cost = "None to look.",
            Folklore = "No kernel parameter is to blame: without a listener there is no queue to be full.",
            Runbook = "TcpListenerGone",
        };
    }
}
