using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Connections were lost within the last minute, but not in the last seconds, or only a few out of many.</summary>
internal sealed class ListenerLostLately : IRule
{
    /// <inheritdoc/>
    public string Id => "listener-lost-lately";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "a listener lost connections in the last minute";

    /// <inheritdoc/>
    public string Runbook => "TcpListenerDroppingConnections";

    /// <inheritdoc/>
    public string Incident => "loss";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners) || context.Lately.TcpExt("ListenDrops") is null)
        {
            return RuleResult.CannotTell("listeners or /proc/net/netstat could not be read");
        }

        var lost = context.AffectedListeners
            .Where(suspect => suspect is { Condition: ListenerCondition.LostLately, HasStuckWorker: false })
            .OrderByDescending(suspect => suspect.Lately.Total)
            .ToArray();
        if (lost.Length == 0)
        {
            return RuleResult.DoesNotHold;
        }

        var names = lost.Select(suspect => suspect.Identity).ToArray();
        var opened = context.Lately.Tcp("PassiveOpens") ?? 0;
        var all = lost.Aggregate(0UL, (sum, suspect) => sum + suspect.Lately.Total);
        return new Finding
        {
            Title = $"{Words.Names(names)} lost connections in the last minute",
            Listeners = names,
            Losses = [.. lost.Select(suspect => new Loss(suspect.Identity, suspect.Recent.Total, suspect.Listener.Lost.Total))],
            Measured = Words.AtMostTen(
            [
                .. lost.Select(suspect => $"{Words.Name(suspect.Identity)}: {ListenerConditions.Lost(suspect.Lately, context.Lately)}; {(suspect.Gone is { } gone ? ListenerConditions.Stopped(gone) : ListenerConditions.Queue(suspect.Listener))}"),
                $"{context.Place} completed {Words.Count(opened)} handshakes in that time, so {Words.Percent((double)all / Math.Max(1, all + opened))} of the attempts were lost",
            ]),
            Why = "A burst filled the queue for a moment. The kernel then drops SYNs and the last ACKs of handshakes, and those clients wait a second or more before they retry.",
            Changes =
            [
                Change.Do("Find out what the application did at that time: a pause (garbage collection, a lock, a reload) or a burst of clients."),
                .. Backlog.Advise(context, [.. lost.Where(suspect => suspect.Gone is null).Select(suspect => suspect.Listener)]),
            ],
            Cost = "A longer queue holds more waiting connections, about 2 KB of kernel memory each.",
            Folklore = "tcp_max_syn_backlog does not limit the accept queue.",
            Runbook = Runbook,
        };
    }
}
