using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>connect(2) fails with EADDRNOTAVAIL.</summary>
internal sealed class PortsExhausted : IRule
{
    /// <inheritdoc/>
    public string Id => "ports-exhausted";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "a destination has no ephemeral port left";

    /// <inheritdoc/>
    public string Runbook => "TcpEphemeralPortsExhausting";

    /// <inheritdoc/>
    public string Incident => "ports";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sweep) || context.Now.Sweep.PortsLimit < 0)
        {
            return RuleResult.CannotTell("no full scan of all sockets has run yet, or net.ipv4.ip_local_port_range could not be read");
        }

        return !Ports.AreExhausted(context.Now.Sweep)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"No ephemeral port is left for {Ports.Destination(context)}{Ports.Owner(context)}",
                Listeners = Ports.Listeners(context),
                Measured = Ports.Measured(context),
                Why = "connect(2) needs a local port that no other connection to the same destination uses. If the range has none left, it fails with EADDRNOTAVAIL (Cannot assign requested address). No kernel counter shows this.",
                Changes = Ports.MorePorts(context),
                Cost = Ports.Cost,
                Folklore = Ports.Folklore,
                Runbook = Runbook,
            };
    }
}
