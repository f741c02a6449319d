using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// The cause is the network, or peers that are gone. Leaves out handshakes, because a full queue has its own findings. Also
/// leaves out segments that were retransmitted needlessly: probes, and segments that were late but not lost.
/// </summary>
internal sealed class Retransmissions : IRule
{
    private const double PerSecond = 5;

    /// <summary>Peers that are named.</summary>
    private const int Named = 5;

    /// <inheritdoc/>
    public string Id => "retransmissions";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "many segments are retransmitted";

    /// <inheritdoc/>
    public string Runbook => "TcpRetransmissionsHigh";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Lately.Tcp("RetransSegs") is not { } all || context.Lately.Tcp("OutSegs") is not { } sent || context.Lately.TcpExt("TCPSynRetrans") is not { } handshakes)
        {
            return RuleResult.CannotTell("/proc/net/snmp or netstat could not be read");
        }

        // TCPSynRetrans includes SYN-ACKs. A D-SACK means that the peer already had the segment. If the last ACK of a client
        // on this host met a full accept queue, the client retransmits its data again and again, and each one is a
        // ListenDrop. If a SYN queue overflows, its listener discards what such clients send, and counts it only in its own
        // drops.
        var spurious = context.Lately.TcpExt("TCPDSACKRecv") ?? 0;
        var isOverflowing = context.Lately.TcpExt("TCPReqQFullDoCookies") > 0 || context.Lately.TcpExt("TCPReqQFullDrop") > 0;
        var dropped = Math.Max(context.Lately.TcpExt("ListenDrops") ?? 0, isOverflowing ? context.Lately.Discarded : 0);
        var again = all - Math.Min(all, handshakes + spurious + dropped);

        // OutSegs excludes retransmissions
        var share = (double)again / Math.Max(1, again + sent);
        return share <= Thresholds.RetransmittedShare || context.Lately.PerSecond(again) <= PerSecond
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"{Words.Percent(share)} of the segments sent are retransmissions",
                Measured =
                [
                    $"{Words.Count(again)} segments of data retransmitted and {Words.Count(sent)} sent {context.Lately.InTime}",
                    $"not included: {Words.Count(handshakes)} SYNs and SYN-ACKs, {Words.Count(spurious)} that the peer already had (D-SACK)",
                    $"lost again {Words.Count(context.Lately.TcpExt("TCPLostRetransmit") ?? 0)}, not sent because of this host {Words.Count(context.Lately.TcpExt("TCPRetransFail") ?? 0)}; timers expired {Words.Count(context.Lately.TcpExt("TCPTimeouts") ?? 0)}",
                    $"since boot: {Words.Percent((context.Tcp("RetransSegs") ?? 0) / (double)Math.Max(1, (context.Tcp("RetransSegs") ?? 0) + (context.Tcp("OutSegs") ?? 0)))} of all segments, including handshakes",
                    .. Peers(context),
                ],
                Why = "Each retransmission is a segment that was not acknowledged in time: lost on the way, dropped by a full queue or a filter, or sent to a peer that is gone. A retransmission by timer costs 0.2 s or more.",
                Changes = [Change.Do("Find out where: ss -tni shows retrans for each connection. Check whether they share a peer, a link or an interface (ip -s link, ethtool -S), and whether this host's own queueing drops packets (tc -s qdisc).")],
                Cost = "Looking costs nothing: the cause is a path, a queue or a peer, not a parameter of this host.",
                Folklore = "tcp_retries2, tcp_syn_retries and larger buffers do not fix loss. The first two only decide when to give up.",
                Runbook = Runbook,
            };
    }

    /// <summary>Describes where most was retransmitted to. Nothing if that is not known.</summary>
    private static IEnumerable<string> Peers(AdvisorContext context)
    {
        var sweep = context.Now.Sweep;
        if (!context.Has(SourceId.Sweep) || sweep.TrafficTime == TimeSpan.Zero || sweep.Peers.Count == 0)
        {
            yield break;
        }

        yield return $"by peer, between the last two scans of all sockets ({Words.Seconds(sweep.TrafficTime.TotalSeconds)} apart), most retransmitted bytes first. Short connections are missed: only those open at both scans count:";
        for (var i = 0; i < Math.Min(Named, sweep.Peers.Count); i++)
        {
            yield return Peer(sweep.Peers[i]);
        }
    }

    private static string Peer(in PeerTraffic peer) =>
        $"{peer.Peer.Text}: {Words.Kibibytes(peer.Traffic.Retransmitted)} retransmitted of {Words.Kibibytes(peer.Traffic.Sent)} sent ({Words.Percent(peer.Traffic.RetransmittedRatio)})"
        + (double.IsNaN(peer.RoundTripSeconds) ? "" : $", round trip {Words.Seconds(peer.RoundTripSeconds)}")
        + $", {Words.Count(peer.Connections)} {(peer.Connections == 1 ? "connection" : "connections")}";
}
