using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A SYN flood, or a backlog too small for the rate of clients. Nothing is lost.</summary>
internal sealed class SynQueueOverflowing : IRule
{
    /// <inheritdoc/>
    public string Id => "syn-queue-overflowing";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "SYN queues overflow, and the kernel sends SYN cookies";

    /// <inheritdoc/>
    public string Runbook => "TcpSynQueueOverflow";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpSyncookies) is not { } cookies || context.Recent.TcpExt("TCPReqQFullDoCookies") is not { } sent || !context.Has(SourceId.Listeners))
        {
            return RuleResult.CannotTell("listeners, net.ipv4.tcp_syncookies or /proc/net/netstat could not be read");
        }

        // In mode 2, every SYN counts as one that met a full queue. In mode 0, none gets a cookie. If the accept queue is
        // full, handshakes cannot complete and the SYN queue fills too. That is one problem, and the accept queue has its own
        // finding.
        var full = context.Find((in ListenerSample listener) =>
            listener.HasLimit && listener.QueueLimit > 0 && listener.SynQueuePeak >= listener.QueueLimit && context.ConditionOf(listener.Identity) == ListenerCondition.None);
        if (full.Count == 0 && context.AffectedListeners.Any(suspect => suspect.Condition != ListenerCondition.None && suspect.Lately.AcceptQueue > 0))
        {
            return RuleResult.DoesNotHold;
        }

        if (cookies != 1 || (full.Count == 0 && !context.Recent.IsLoss(sent)))
        {
            return RuleResult.DoesNotHold;
        }

        var names = full.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"The SYN queue {(names.Length > 0 ? $"of {Words.Names(names)}" : "of a listener")} is full, and the kernel sends SYN cookies",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                $"{Words.Count(sent)} SYNs found the SYN queue full {context.Recent.InTime} (TCPReqQFullDoCookies), {Words.Count(context.TcpExt("TCPReqQFullDoCookies") ?? 0)} since boot",
                .. full.Select(listener => $"{Words.Name(listener.Identity)}: {Words.Count(listener.SynQueueLength)} half-open now, up to {Words.Count((long)listener.SynQueuePeak)}; backlog {Words.Count(listener.QueueLimit)}"),
            ]),
            Why = "A listener keeps at most as many half-open connections as its backlog. Above that, the kernel answers SYNs with cookies. Clients without timestamps then get no window scaling and no SACK.",
            Changes =
            [
                Change.Do("Find out who sends: ss -tn state syn-recv. Many unknown addresses are a SYN flood. Cookies are the right answer to that, and nothing needs to change."),
                .. full.Count > 0 ? Backlog.Raise(context, full) : [],
            ],
            Cost = "With a larger backlog, a flood uses more memory, about 300 bytes for each half-open connection.",
            Folklore = "tcp_max_syn_backlog has no effect while cookies are on: the backlog of the listener is the limit. SyncookiesFailed is not a sign of overflow either.",
            Runbook = Runbook,
        };
    }
}
