using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Everybody disconnected at once, and has not come back.</summary>
internal sealed class ConnectionsLost : IRule
{
    /// <summary>Clients that were cut off by a deployment are back by then.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Told = TimeSpan.FromMinutes(5);

    /// <summary>From this share on they are back.</summary>
    private const double Back = 0.7;

    /// <inheritdoc/>
    public string Id => "connections-lost";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "most connections ended at once";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (context.Tcp("CurrEstab") is not { } open || !context.Has(SourceId.Sockstat))
        {
            return Judgement.CannotTell("/proc/net/snmp or sockstat could not be read");
        }

        if (context.Falls.Last is not { } fall || context.Now.SampledAt - fall.At is var ago && (ago < Grace || ago > Told) || open >= Back * fall.From)
        {
            return Judgement.DoesNotHold;
        }

        return new Finding
        {
            Title = $"{Words.Count(fall.From - (long)open)} of {Words.Count(fall.From)} connections ended at once and have not come back",
            Measured =
            [
                $"{Words.Count(fall.From)} connections were open until {Words.Ago(context.Now.SampledAt - fall.At)} ago, {Words.Count(open)} are now (CurrEstab)",
                $"{Words.Count(fall.Resets)} of them ended in a reset; the others were closed by their peers, not by this host",
            ],
            Why = "Peers that all leave in the same seconds did not choose to: a load balancer or proxy failed over, a peer crashed, or the network between was cut.",
            Changes = [Change.Do("See who the peers were and what happened to them at that time: the load balancer's log, the other host's uptime, link state (ip -s link, dmesg).")],
            Cost = "None to look.",
            Folklore = "Keepalive and larger queues on this host change nothing: the connections were ended from elsewhere.",
            Runbook = "TcpConnectionsLost",
        };
    }
}
