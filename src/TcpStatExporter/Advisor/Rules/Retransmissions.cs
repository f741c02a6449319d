namespace TcpStatExporter.Advisor.Rules;

/// <summary>The network, or peers that are gone.</summary>
internal sealed class Retransmissions : IRule
{
    private const double Share = 0.05;
    private const double PerSecond = 5;

    /// <inheritdoc/>
    public string Id => "retransmissions";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "many segments are retransmitted";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (context.TcpAdded("RetransSegs") is not { } again || context.TcpAdded("OutSegs") is not { } sent)
        {
            return Judgement.CannotTell("/proc/net/snmp could not be read");
        }

        // OutSegs leaves retransmissions out
        var share = (double)again / Math.Max(1, again + sent);
        return share <= Share || context.PerSecond(again) <= PerSecond
            ? Judgement.DoesNotHold
            : new Finding
            {
                Title = $"{Words.Percent(share)} of the segments sent are retransmissions",
                Measured =
                [
                    $"{Words.Count(again)} retransmitted and {Words.Count(sent)} sent {context.InWindow}",
                    $"of which, or beside which: SYNs and SYN-ACKs {Words.Count(context.TcpExtAdded("TCPSynRetrans") ?? 0)}, lost once more {Words.Count(context.TcpExtAdded("TCPLostRetransmit") ?? 0)}, not sent by this host itself {Words.Count(context.TcpExtAdded("TCPRetransFail") ?? 0)}; timers expired {Words.Count(context.TcpExtAdded("TCPTimeouts") ?? 0)}",
                    $"since boot: {Words.Percent((context.Tcp("RetransSegs") ?? 0) / (double)Math.Max(1, (context.Tcp("RetransSegs") ?? 0) + (context.Tcp("OutSegs") ?? 0)))} of all",
                ],
                Why = "Each retransmission is a segment that was not acknowledged in time: lost on the way, dropped by a full queue or a filter, or sent to a peer that is gone; a timer's costs 0.2 s and more.",
                Changes = [Change.Do("Find where: ss -tni shows retrans of each connection; see whether they share a peer, a link or an interface (ip -s link, ethtool -S), and whether this host's own queueing drops (tc -s qdisc).")],
                Cost = "None to look: the cause is a path, a queue or a peer, and no parameter of this host.",
                Folklore = "tcp_retries2, tcp_syn_retries and larger buffers repair no loss: the first two only decide when to give up.",
                Runbook = "TcpRetransmissionsHigh",
            };
    }
}
