using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Only with cookies off are SYNs lost for a full SYN queue.</summary>
internal sealed class SynQueueDropping : IRule
{
    /// <inheritdoc/>
    public string Id => "syn-queue-dropping";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "SYNs are dropped for a full SYN queue";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpSyncookies) is not { } cookies || context.TcpExtAdded("ListenDrops") is null)
        {
            return Judgement.CannotTell("net.ipv4.tcp_syncookies or /proc/net/netstat could not be read");
        }

        var drops = Trouble.SynQueueDrops(context);
        if (cookies != 0 || !Trouble.IsLoss(context, drops) || drops * 2 <= context.TcpExtAdded("ListenDrops"))
        {
            return Judgement.DoesNotHold;
        }

        var listeners = context.Find((in ListenerSample listener) => Trouble.IsLoss(context, context.Dropped(listener)));
        var names = listeners.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"SYNs {(names.Length > 0 ? $"to {Words.Names(names)} " : "")}are dropped for a full SYN queue, and SYN cookies are off",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                $"{Words.Count(drops)} SYNs dropped {context.InWindow} (ListenDrops without ListenOverflows), of which TCPReqQFullDrop {Words.Count(context.TcpExtAdded("TCPReqQFullDrop") ?? 0)}",
                $"tcp_syncookies {cookies}, tcp_max_syn_backlog {context.Text(Sysctl.TcpMaxSynBacklog)}",
                .. listeners.Select(listener => $"{Words.Name(listener.Identity)}: {Words.Count(listener.SynQueueLength)} half-open now, up to {Words.Count((long)listener.SynQueuePeak)}; backlog {Words.Count(listener.QueueLimit)}"),
            ]),
            Why = "Without cookies the kernel drops a SYN once a listener has more half-open connections than its backlog, and already when fewer than a quarter of tcp_max_syn_backlog are free.",
            Changes = [Change.Set(context, Sysctl.TcpSyncookies, "1", "answers SYNs that find the queue full by a cookie instead of dropping them")],
            Cost = "A connection made by a cookie does without window scaling and SACK unless the client sends timestamps; those made while the queue has room are as ever.",
            Folklore = "Raising tcp_max_syn_backlog alone does not help beyond the backlog of the listener: that bounds the SYN queue too.",
            Runbook = "TcpSynQueueOverflow",
        };
    }
}
