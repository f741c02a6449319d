using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A queue near its limit, or full with nobody lost.</summary>
internal sealed class AcceptQueueFilling : IRule
{
    /// <inheritdoc/>
    public string Id => "accept-queue-filling";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "an accept queue fills";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners))
        {
            return RuleResult.CannotTell("listeners could not be read");
        }

        if (!context.HasLimits)
        {
            return RuleResult.CannotTell("procfs does not print the limits of accept queues, and netlink could not be used");
        }

        // those that lose connections or hang are told elsewhere
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
            Why = "Connections whose handshake is done wait here until the application accepts them. Once the queue holds one more than its limit, the kernel drops SYNs and last ACKs.",
            Changes =
            [
                Change.Do("See whether it accepts at all: a queue that stays full is an application that hangs or has too few workers, whatever its backlog."),
                .. Backlog.Advise(context, [.. filling.Select(suspect => suspect.Listener)]),
            ],
            Cost = "A longer queue holds more connections that wait (about 2 KB of kernel memory each), and clients may have left by the time they are accepted.",
            Folklore = "The Recv-Q that ss shows for a listener is this queue, not the SYN backlog, and tcp_max_syn_backlog does not bound it.",
            Runbook = "TcpAcceptQueueFilling",
        };
    }

    private static string Title(AffectedListener worst, string names) => worst switch
    {
        { Condition: ListenerCondition.Full } => $"The accept queue of {names} is full",
        { Listener.FillRatioPeak: > 1 } => $"The accept queue of {names} was full a moment ago",
        _ => $"The accept queue of {names} is up to {Words.Percent(worst.Listener.FillRatioPeak)} full",
    };
}
