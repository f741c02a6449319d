using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A group of which one worker hangs: sums over the group hide it.</summary>
internal sealed class ListenerStuckWorker : IRule
{
    /// <inheritdoc/>
    public string Id => "listener-stuck-worker";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "one socket of a SO_REUSEPORT group is full while the others are idle";

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
            return RuleResult.CannotTell("procfs does not print the limits of accept queues, and netlink could not be used");
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
            Why = "The kernel chooses the socket of a SO_REUSEPORT group by a hash of the addresses and ports, whatever the length of its queue, so the full one goes on getting its share of the clients and drops them.",
            Changes = [Change.Do("Find the worker that hangs (ss -ltnp: its Recv-Q is above its Send-Q) and restart it.")],
            Cost = "Connections that wait in the queue of the worker are reset when it ends, unless net.ipv4.tcp_migrate_req is 1.",
            Folklore = "A larger backlog does not help: the queue of a worker that does not accept fills, however long it is.",
            Runbook = "TcpListenerStuckWorker",
        };
    }
}
