using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// Informational only: no host knows what is between it and its peers. It only matters if connections are given up without an
/// answer, and if there are connections that are idle for long without keepalive. If the scans of all sockets cannot show
/// those, the time after which the kernel's own keepalive starts has to do.
/// </summary>
internal sealed class KeepaliveLate : IRule
{
    private const long ShortestIdleTimeout = 240;

    /// <summary>Listeners that are named.</summary>
    private const int Named = 3;

    /// <inheritdoc/>
    public string Id => "keepalive-late";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "open connections time out, and keepalive starts after load balancers forget them";

    /// <inheritdoc/>
    public string Runbook => "advice/keepalive-late";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpKeepaliveTime) is not { } time
            || context.Number(Sysctl.TcpKeepaliveIntvl) is not { } interval
            || context.Number(Sysctl.TcpKeepaliveProbes) is not { } probes
            || context.Slow.TcpExt("TCPAbortOnTimeout") is not { } aborted)
        {
            return RuleResult.CannotTell("net.ipv4.tcp_keepalive_time, _intvl or _probes, or /proc/net/netstat could not be read");
        }

        // unanswered connection attempts count here too, and also as failed attempts
        var lost = aborted - Math.Min(aborted, context.Slow.Tcp("AttemptFails") ?? 0);
        var sweep = context.Now.Sweep;
        var isSeen = context.Has(SourceId.Sweep) && sweep.HasIdle;
        var idle = sweep.IdleWithoutKeepalive + sweep.IdleLateKeepalive;
        return (isSeen ? idle == 0 : time < ShortestIdleTimeout) || !context.Slow.IsSlowLoss(lost)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = isSeen
                    ? $"Open connections time out without an answer, and {Words.Count(idle)} are idle for longer than load balancers remember them"
                    : $"Open connections time out without an answer, and keepalive starts only after {time} s",
                Measured =
                [
                    .. isSeen ? Idle(sweep) : [],
                    $"{Words.Count(lost)} open connections timed out {context.Slow.InTime} (TCPAbortOnTimeout minus AttemptFails), {Words.Count(context.TcpExt("TCPAbortOnTimeout") ?? 0)} since boot, including connection attempts",
                    $"net.ipv4.tcp_keepalive_time {time}, _intvl {interval}, _probes {probes}: a dead peer is noticed after {time + (interval * probes)} s, only by sockets that use SO_KEEPALIVE; {Words.Count(context.TcpExt("TCPKeepAlive") ?? 0)} probes since boot",
                ],
                Why = "The kernel sends the first probe after tcp_keepalive_time without traffic. Load balancers and NAT usually forget idle connections sooner (240 s, 350 s, 600 s) and drop or reset later packets. Peers that are gone look the same.",
                Changes =
                [
                    Change.Do("If connections pass such a device and can be idle: make the application set SO_KEEPALIVE, and TCP_KEEPIDLE below the device's timeout, for example 200 s."),
                    Change.Do("If the application sets SO_KEEPALIVE but no time: sysctl net.ipv4.tcp_keepalive_time=200. The file of --write-sysctl does not include it, because this host cannot know what is between it and its peers."),
                ],
                Cost = "A few packets for each idle connection, and the kernel gives up sooner on peers that are away for a while.",
                Folklore = "The parameters do nothing for sockets without SO_KEEPALIVE. TCP keepalive does not reset the idle timeout of a proxy that counts requests.",
                Runbook = Runbook,
            };
    }

    /// <summary>Describes the idle connections, by listener and by destination.</summary>
    private static IEnumerable<string> Idle(SweepSample sweep)
    {
        yield return $"{Words.Count(sweep.IdleWithoutKeepalive)} established connections to other hosts were idle for {SweepTally.LongIdle.TotalSeconds:0} s or longer at the last scan of all sockets, without keepalive; {Words.Count(sweep.IdleLateKeepalive)} with a keepalive that starts later. Keepalives of the peer are not seen here";
        foreach (var listener in sweep.Listeners.Span.ToArray().Where(one => one.IdleWithoutKeepalive > 0).OrderByDescending(one => one.IdleWithoutKeepalive).Take(Named))
        {
            yield return $"accepted by {Words.Name(listener.Identity)}: {Words.Count(listener.IdleWithoutKeepalive)}";
        }

        foreach (var peer in sweep.IdlePeers.Span.ToArray())
        {
            yield return $"opened to {peer.Peer.Text}: {Words.Count(peer.Connections)}";
        }
    }
}
