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
    public string Subject => "a destination has no local port left";

    /// <inheritdoc/>
    public string Incident => "ports";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sweep) || context.Now.Sweep.PortsLimit < 0)
        {
            return RuleResult.CannotTell("no sweep over all sockets was made yet, or net.ipv4.ip_local_port_range could not be read");
        }

        return !Ports.AreExhausted(context.Now.Sweep)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"No local port is left for {Ports.Destination(context)}{Ports.Owner(context)}",
                Listeners = Ports.Listeners(context),
                Measured = Ports.Measured(context),
                Why = "connect(2) needs a local port that no other connection to the same destination has, and fails with EADDRNOTAVAIL (Cannot assign requested address) where the range has none; no counter tells.",
                Changes = Ports.MorePorts(context),
                Cost = Ports.Cost,
                Folklore = Ports.Folklore,
                Runbook = "TcpEphemeralPortsExhausting",
            };
    }
}
