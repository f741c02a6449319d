using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Clients wait for the application to accept them, in a queue that is far from full.</summary>
internal sealed class AcceptQueueWait : IRule
{
    /// <inheritdoc/>
    public string Id => "accept-queue-wait";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "connections wait a second or more to be accepted";

    /// <inheritdoc/>
    public string Runbook => "TcpAcceptQueueWait";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners))
        {
            return RuleResult.CannotTell("listeners could not be read");
        }

        if (!context.HasLimits)
        {
            return RuleResult.CannotTell("procfs does not show how long connections wait, and netlink is not available");
        }

        // if the queue is full or loses connections, that finding includes the wait
        var waiting = context.AffectedListeners
            .Where(suspect => suspect is { Condition: ListenerCondition.Waiting, HasStuckWorker: false })
            .OrderByDescending(suspect => suspect.Listener.OldestSeconds)
            .ToArray();
        if (waiting.Length == 0)
        {
            return RuleResult.DoesNotHold;
        }

        var names = waiting.Select(suspect => suspect.Identity).ToArray();
        return new Finding
        {
            Title = $"Clients of {Words.Names(names)} have waited {Words.Seconds(waiting[0].Listener.OldestSeconds)} for the application to accept them",
            Listeners = names,
            Measured = Words.AtMostTen([.. waiting.Select(suspect => Measure(suspect.Listener))]),
            Why = "A client is connected as soon as the handshake ends, and sends its request. The application sees neither before it calls accept(2). Clients count this time as response time, and their timeouts run.",
            Changes =
            [
                Change.Do("Look for what keeps the application from accepting: all workers busy, an event loop that is blocked, a long garbage collection, a CPU limit (cgroup cpu.max, nr_throttled in cpu.stat)."),
                Change.Do("Add workers, accepting threads or instances if it is behind all the time."),
            ],
            Cost = "More workers take more memory, and more connections to what the application depends on.",
            Folklore = "A larger backlog or net.core.somaxconn loses fewer connections and makes clients wait longer.",
            Runbook = Runbook,
        };
    }

    private static string Measure(in ListenerSample listener)
    {
        var memory = listener.QueuedBytes > 0 ? $", holding {Words.Kibibytes(listener.QueuedBytes)} of kernel memory" : "";
        var arrivals = listener.ArrivalRate > 0 ? $", about {Words.Rate(listener.ArrivalRate)} arrive per second" : "";
        return $"{Words.Name(listener.Identity)}: the oldest connection has waited {Words.Seconds(listener.OldestSeconds)}, up to {Words.Seconds(listener.OldestSecondsPeak)} lately; {Words.Count(listener.OldestLength)} in the queue{arrivals}{memory}";
    }
}
