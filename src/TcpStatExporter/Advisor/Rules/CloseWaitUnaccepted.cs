using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The application accepts connections later than clients are willing to wait.</summary>
internal sealed class CloseWaitUnaccepted : IRule
{
    private const long Tolerated = 5;
    private const double ShareOfQueue = 0.1;

    /// <inheritdoc/>
    public string Id => "close-wait-unaccepted";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "clients leave before they are accepted";

    /// <inheritdoc/>
    public string Runbook => "TcpCloseWaitUnaccepted";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sockets) || !context.Has(SourceId.Listeners))
        {
            return RuleResult.CannotTell("sockets or listeners could not be read");
        }

        var left = context.Now.Kernel.CloseWaitUnaccepted;
        long waiting = 0;
        foreach (ref readonly var listener in context.Now.Listeners.Span)
        {
            waiting += listener.QueueLength;
        }

        if (left <= Tolerated || left < ShareOfQueue * waiting)
        {
            return RuleResult.DoesNotHold;
        }

        // if a listener loses connections or is full, that is the cause of this
        var queued = context.Find((in ListenerSample listener) => listener.QueueLength > 0);
        if (queued.Exists(listener => context.ConditionOf(listener.Identity) >= ListenerCondition.Full))
        {
            return RuleResult.DoesNotHold;
        }

        queued.Sort((one, other) => other.QueueLength.CompareTo(one.QueueLength));
        var names = queued.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"Clients {(names.Length > 0 ? $"of {Words.Names(names)} " : "")}leave before they are accepted",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                $"{Words.Count(left)} connections in accept queues were closed by their clients (CLOSE_WAIT that no process holds), of {Words.Count(waiting)} waiting",
                .. queued.Select(listener => $"{Words.Name(listener.Identity)}: {ListenerConditions.Queue(listener)}"),
            ]),
            Why = "When a client leaves, the kernel keeps its connection in the accept queue. The application will accept it and do work that nobody waits for.",
            Changes = [Change.Do("Find out why it accepts so late: a stuck or busy process, too few workers, no descriptors left.")],
            Cost = "A shorter backlog turns clients away sooner instead of letting them wait for nothing.",
            Folklore = "A larger backlog makes this worse: more clients wait too long. It is not a descriptor leak either: no process has a descriptor for these connections.",
            Runbook = Runbook,
        };
    }
}
