using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>For information: no host knows what lies between it and its peers.</summary>
internal sealed class KeepaliveLate : IRule
{
    private const long ShortestIdleTimeout = 240;

    /// <inheritdoc/>
    public string Id => "keepalive-late";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "keepalive comes later than load balancers forget";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpKeepaliveTime) is not { } time
            || context.Number(Sysctl.TcpKeepaliveIntvl) is not { } interval
            || context.Number(Sysctl.TcpKeepaliveProbes) is not { } probes
            || !context.Has(SourceId.Sockets))
        {
            return Judgement.CannotTell("net.ipv4.tcp_keepalive_time, _intvl or _probes, or the sockets could not be read");
        }

        // where nothing is open, nothing can be forgotten
        var established = context.Now.Kernel.States[TcpState.Established];
        return time < ShortestIdleTimeout || established == 0
            ? Judgement.DoesNotHold
            : new Finding
            {
                Title = $"Keepalive begins after {time} s, when load balancers have forgotten idle connections",
                Measured =
                [
                    $"net.ipv4.tcp_keepalive_time {time}, _intvl {interval}, _probes {probes}: a dead peer is noticed after {time + (interval * probes)} s, by sockets that use SO_KEEPALIVE alone",
                    $"{Words.Count(established)} connections established, {Words.Count(context.TcpExt("TCPKeepAlive") ?? 0)} keepalive probes since boot, {Words.Count(context.TcpExt("TCPAbortOnTimeout") ?? 0)} connections given up unanswered",
                ],
                Why = "The first probe goes out after tcp_keepalive_time of silence; balancers and NAT forget idle connections sooner (usual: 240 s, 350 s, 600 s) and drop or reset what comes later.",
                Changes =
                [
                    Change.Do("Only where connections pass such a device and may be idle: have the application set SO_KEEPALIVE and TCP_KEEPIDLE below its timeout, 200 s for example."),
                    Change.Do("Where the application sets SO_KEEPALIVE and no time of its own: sysctl net.ipv4.tcp_keepalive_time=200. It is not in the file of --write-sysctl, since this host cannot know what lies between it and its peers."),
                ],
                Cost = "A few packets for each idle connection, and peers that were away for a while are given up sooner.",
                Folklore = "The parameters do nothing for sockets without SO_KEEPALIVE, and no keepalive of TCP resets the idle timeout of a proxy that counts requests.",
            };
    }
}
