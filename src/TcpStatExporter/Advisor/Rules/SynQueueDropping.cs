using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A full SYN queue loses SYNs only if cookies are off.</summary>
internal sealed class SynQueueDropping : IRule
{
    /// <inheritdoc/>
    public string Id => "syn-queue-dropping";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "SYNs are dropped because a SYN queue is full";

    /// <inheritdoc/>
    public string Runbook => "TcpSynQueueOverflow";

    /// <inheritdoc/>
    public string Incident => "loss";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpSyncookies) is not { } cookies || context.Recent.TcpExt("ListenDrops") is null)
        {
            return RuleResult.CannotTell("net.ipv4.tcp_syncookies or /proc/net/netstat could not be read");
        }

        var losing = context.AffectedListeners.Where(suspect => suspect is { Condition: ListenerCondition.Losing, IsForSynQueue: true, HasStuckWorker: false }).ToArray();
        var unnamed = context.Unnamed.SynQueue;
        var drops = losing.Aggregate(unnamed, (sum, suspect) => sum + suspect.Recent.SynQueue);
        if (cookies != 0 || (losing.Length == 0 && !context.IsLosing(unnamed)))
        {
            return RuleResult.DoesNotHold;
        }

        var names = losing.Select(suspect => suspect.Identity).ToArray();
        return new Finding
        {
            Title = $"SYNs {(names.Length > 0 ? $"to {Words.Names(names)} " : "")}are dropped because the SYN queue is full and SYN cookies are off",
            Listeners = names,
            Losses = losing.Length == 0
                ? [new Loss(null, unnamed, context.Now.Unattributed.SynQueue)]
                : [.. losing.Select(suspect => new Loss(suspect.Identity, suspect.Recent.Total, suspect.Listener.Lost.Total))],
            Measured = Words.AtMostTen(
            [
                $"{Words.Count(drops)} SYNs dropped {context.Recent.InTime} because the SYN queue was full, including TCPReqQFullDrop {Words.Count(context.Recent.TcpExt("TCPReqQFullDrop") ?? 0)}",
                $"tcp_syncookies {cookies}, tcp_max_syn_backlog {context.Text(Sysctl.TcpMaxSynBacklog)}",
                .. losing.Select(suspect => $"{Words.Name(suspect.Identity)}: {ListenerConditions.Lost(suspect.Recent, context.Recent)}; {Words.Count(suspect.Listener.SynQueueLength)} half-open now, up to {Words.Count((long)suspect.Listener.SynQueuePeak)}; backlog {Words.Count(suspect.Listener.QueueLimit)}"),
            ]),
            Why = "Without cookies, the kernel drops a SYN if the listener has more half-open connections than its backlog, or if less than a quarter of tcp_max_syn_backlog is free.",
            Changes = [Change.Set(context, Sysctl.TcpSyncookies, "1", "if the queue is full, answers SYNs with a cookie instead of dropping them")],
            Cost = "A connection made with a cookie has no window scaling and no SACK unless the client sends timestamps. Connections made while the queue has room do not change.",
            Folklore = "Raising tcp_max_syn_backlog alone: the backlog of the listener also limits the SYN queue.",
            Runbook = Runbook,
        };
    }
}
