using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// Losses within the last hour but not in the last minute, including those of a listener that has closed since.
/// </summary>
internal sealed class ListenerDroppedEarlier : IRule
{
    private const uint StrayPackets = 5;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public string Id => "listener-dropped-earlier";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "a listener lost connections within the last hour, but not now";

    /// <inheritdoc/>
    public string Runbook => "TcpListenerDroppingConnections";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners) || !context.Has(SourceId.Netstat))
        {
            return RuleResult.CannotTell("listeners or /proc/net/netstat could not be read");
        }

        var before = new List<(ListenerSample Listener, TimeSpan Ago, TimeSpan? Gone)>();
        foreach (ref readonly var listener in context.Now.Listeners.Span)
        {
            if (IsToBeTold(context, listener, out var ago))
            {
                before.Add((listener, ago, null));
            }
        }

        foreach (ref readonly var closed in context.Now.Closed.Span)
        {
            if (IsToBeTold(context, closed.Last, out var ago))
            {
                before.Add((closed.Last, ago, context.Now.ListenersAt - closed.LastSeen));
            }
        }

        if (before.Count == 0)
        {
            return RuleResult.DoesNotHold;
        }

        before.Sort((one, other) => other.Listener.Lost.Total.CompareTo(one.Listener.Lost.Total));
        var names = before.Select(entry => entry.Listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} lost connections within the last hour",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                .. before.Select(entry =>
                    $"{Words.Name(entry.Listener.Identity)}: {Words.Count(entry.Listener.Lost.Total)} lost since the start of watching, the last {Words.Ago(entry.Ago)} ago; {(entry.Gone is { } gone ? ListenerConditions.Stopped(gone) : ListenerConditions.Queue(entry.Listener))}"),
            ]),
            Why = "The loss is over. It is shown for an hour, for whoever checks after an alert.",
            Changes =
            [
                Change.Do("Find out what happened then. The log of this program shows when it started and ended. tcpstat_listen_lost_total shows how much was lost."),
                .. Backlog.Advise(context, [.. before.Where(entry => entry.Gone is null).Select(entry => entry.Listener)]),
            ],
            Cost = "Looking costs nothing. A longer queue only helps if a burst overflowed it.",
            Runbook = Runbook,
        };
    }

    private static bool IsToBeTold(AdvisorContext context, in ListenerSample listener, out TimeSpan ago)
    {
        ago = context.Now.ListenersAt - (listener.LastLoss ?? TimeSpan.Zero);
        return listener.LastLoss is not null && ago < Hour && listener.Lost.Total > StrayPackets && context.Lately.Lost(listener).Total == 0;
    }
}
