using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>All clients were cut off at once and have not come back.</summary>
internal sealed class ConnectionsLost : IRule
{
    /// <summary>After a deployment, disconnected clients are back within this time.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Told = TimeSpan.FromMinutes(5);

    /// <summary>At this share of the earlier connections, the clients are back.</summary>
    private const double Back = 0.7;

    /// <inheritdoc/>
    public string Id => "connections-lost";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "most connections were cut off at once";

    /// <inheritdoc/>
    public string Runbook => "TcpConnectionsLost";

    /// <summary>Returns the event in the last minutes if the clients are not back yet. Otherwise null.</summary>
    /// <param name="context">What is known of the host.</param>
    public static Fall? Of(AdvisorContext context) =>
        context.Falls.Last is { } fall && context.Now.SampledAt - fall.At <= Told && context.Tcp("CurrEstab") < Back * fall.From ? fall : null;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Tcp("CurrEstab") is not { } open || !context.Has(SourceId.Netstat))
        {
            return RuleResult.CannotTell("/proc/net/snmp or netstat could not be read");
        }

        if (Of(context) is not { } fall || context.Now.SampledAt - fall.At < Grace)
        {
            return RuleResult.DoesNotHold;
        }

        return new Finding
        {
            Title = $"{Words.Count(fall.From - (long)open)} of {Words.Count(fall.From)} connections were cut off at once and did not come back",
            Measured =
            [
                $"{Words.Count(fall.From)} connections were open until {Words.Ago(context.Now.SampledAt - fall.At)} ago, {Words.Count(open)} are now (CurrEstab)",
                $"{Words.Count(fall.Resets)} of them ended with a reset or a timeout (EstabResets) that this host did not cause",
            ],
            Why = "If connections all end with a reset within a few seconds, nobody closed them on purpose: a load balancer or proxy failed over, a peer crashed, or the network in between was cut.",
            Changes = [Change.Do("Find out who the peers were and what happened to them at that time. Check the load balancer's log, the other host's uptime, and link state (ip -s link, dmesg).")],
            Cost = "Looking costs nothing.",
            Folklore = "Keepalive and larger queues on this host change nothing: something else ended the connections.",
            Runbook = Runbook,
        };
    }
}
