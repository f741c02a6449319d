using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>One worker of a group is stuck. Totals over the group hide it.</summary>
internal sealed class ListenerStuckWorker : IRule
{
    /// <inheritdoc/>
    public string Id => "listener-stuck-worker";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "one socket of a SO_REUSEPORT group is full while the others are idle";

    /// <inheritdoc/>
    public string Runbook => "TcpListenerStuckWorker";

    /// <inheritdoc/>
    public string Incident => "loss";

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

        var stuck = context.AffectedListeners.Where(suspect => suspect.HasStuckWorker).ToArray();
        if (stuck.Length == 0)
        {
            return RuleResult.DoesNotHold;
        }

        var names = stuck.Select(suspect => suspect.Identity).ToArray();
        return new Finding
        {
            Title = $"One worker of {Words.Names(names)} does not accept",
            Listeners = names,
            Losses = [.. stuck.Select(suspect => new Loss(suspect.Identity, suspect.Recent.Total, suspect.Listener.Lost.Total))],
            Measured = Words.AtMostTen([.. stuck.Select(suspect =>
                $"{Words.Name(suspect.Identity)}: fullest of {suspect.Listener.Sockets} sockets {Words.Fill(suspect.Listener.FillRatioPeak)}, the others nearly idle; {ListenerConditions.Lost(suspect.Recent, context.Recent)}")]),
            Why = "The kernel selects the socket of a SO_REUSEPORT group by a hash of addresses and ports and ignores the queue lengths. So the full socket keeps getting its share of clients, and the kernel drops them.",
            Changes = [Change.Do("Find the stuck worker (ss -ltnp: its Recv-Q is above its Send-Q) and restart it.")],
            Cost = "When the worker exits, the kernel resets the connections in its queue, unless net.ipv4.tcp_migrate_req is 1.",
            Folklore = "A larger backlog: a worker that does not accept fills any queue.",
            Runbook = Runbook,
        };
    }
}
