using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A queue is near its limit, or full without losses yet.</summary>
internal sealed class AcceptQueueFilling : IRule
{
    /// <inheritdoc/>
    public string Id => "accept-queue-filling";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "an accept queue is filling up";

    /// <inheritdoc/>
    public string Runbook => "TcpAcceptQueueFilling";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners))
        {
            return RuleResult.CannotTell("listeners could not be read");
        }

        if (!context.HasLimits)
        {
            return RuleResult.CannotTell("procfs does not show the limits of accept queues, and netlink is not available");
        }

        // listeners that lose connections or are stuck have other findings
        var filling = context.AffectedListeners
            .Where(suspect => suspect is { Condition: ListenerCondition.Filling or ListenerCondition.Full, HasStuckWorker: false })
            .OrderByDescending(suspect => suspect.Condition)
            .ThenByDescending(suspect => suspect.Listener.FillRatioPeak)
            .ToArray();
        if (filling.Length == 0)
        {
            return RuleResult.DoesNotHold;
        }

        var names = filling.Select(suspect => suspect.Identity).ToArray();
        return new Finding
        {
            Title = Title(filling[0], Words.Names(names)),
            Listeners = names,
            Measured = Words.AtMostTen([.. filling.Select(suspect => $"{Words.Name(suspect.Identity)}: {ListenerConditions.Queue(suspect.Listener)}")]),
            Why = "After the handshake, connections wait in this queue until the application accepts them. When the queue holds one more than its limit, the kernel drops SYNs and the last ACKs of handshakes.",
            Changes =
            [
                Change.Do("Check whether it accepts at all. If the queue stays full, the application hangs or has too few workers, whatever its backlog."),
                .. Backlog.Advise(context, [.. filling.Select(suspect => suspect.Listener)]),
            ],
            Cost = "A longer queue holds more waiting connections (about 2 KB of kernel memory each), and clients may have left before they are accepted.",
            Folklore = "tcp_max_syn_backlog does not limit this queue. The Recv-Q that ss shows for a listener is the accept queue, not the SYN queue.",
            Runbook = Runbook,
        };
    }

    private static string Title(AffectedListener worst, string names) => worst switch
    {
        { Condition: ListenerCondition.Full } => $"The accept queue of {names} is full",
        { Listener.FillRatioPeak: > 1 } => $"The accept queue of {names} was full a moment ago",
        _ => $"The accept queue of {names} is up to {Words.Percent(worst.Listener.FillRatioPeak)} full",
    };
}
