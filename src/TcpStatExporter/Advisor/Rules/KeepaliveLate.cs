using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// For information: no host knows what lies between it and its peers. The kernel's own keepalive begins after two hours,
/// so that it says something only where connections are given up unanswered.
/// </summary>
internal sealed class KeepaliveLate : IRule
{
    private const long ShortestIdleTimeout = 240;

    /// <inheritdoc/>
    public string Id => "keepalive-late";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "connections are given up unanswered, and keepalive comes later than load balancers forget";

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

        // attempts to connect that nobody answers count as well, and as attempts that failed
        var lost = aborted - Math.Min(aborted, context.Slow.Tcp("AttemptFails") ?? 0);
        return time < ShortestIdleTimeout || !context.Slow.IsSlowLoss(lost)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"Open connections are given up unanswered, and keepalive begins only after {time} s",
                Measured =
                [
                    $"{Words.Count(lost)} open connections given up unanswered {context.Slow.InTime} (TCPAbortOnTimeout without AttemptFails), {Words.Count(context.TcpExt("TCPAbortOnTimeout") ?? 0)} since boot, attempts to connect included",
                    $"net.ipv4.tcp_keepalive_time {time}, _intvl {interval}, _probes {probes}: a dead peer is noticed after {time + (interval * probes)} s, by sockets that use SO_KEEPALIVE alone; {Words.Count(context.TcpExt("TCPKeepAlive") ?? 0)} probes since boot",
                ],
                Why = "The first probe goes out after tcp_keepalive_time of silence; balancers and NAT usually forget idle connections sooner (240 s, 350 s, 600 s) and drop or reset what comes later. Peers that are gone look the same.",
                Changes =
                [
                    Change.Do("Only where connections pass such a device and may be idle: have the application set SO_KEEPALIVE and TCP_KEEPIDLE below its timeout, 200 s for example."),
                    Change.Do("Where the application sets SO_KEEPALIVE and no time of its own: sysctl net.ipv4.tcp_keepalive_time=200. It is not in the file of --write-sysctl, since this host cannot know what lies between it and its peers."),
                ],
                Cost = "A few packets for each idle connection, and peers that were away for a while are given up sooner.",
                Folklore = "The parameters do nothing for sockets without SO_KEEPALIVE, and no keepalive of TCP resets the idle timeout of a proxy that counts requests.",
                Runbook = "advice/keepalive-late",
            };
    }
}
