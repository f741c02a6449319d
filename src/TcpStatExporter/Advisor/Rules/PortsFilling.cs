using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Warns before connect(2) fails.</summary>
internal sealed class PortsFilling : IRule
{
    private const double OfAll = 0.9;

    /// <inheritdoc/>
    public string Id => "ports-filling";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "ephemeral ports are running out";

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

        var sweep = context.Now.Sweep;
        var limit = sweep.PortsLimit;
        var all = Math.Max(sweep.PortsUsedIPv4, sweep.PortsUsedIPv6);
        var isOne = sweep.Scarcest.Held > Thresholds.PortsOfOneDestination * limit;
        if (limit == 0 || Ports.AreExhausted(sweep) || (!isOne && all <= OfAll * limit))
        {
            return RuleResult.DoesNotHold;
        }

        return new Finding
        {
            Title = isOne
                ? $"{Ports.Destination(context)} uses {Words.Percent((double)sweep.Scarcest.Held / limit)} of the ephemeral ports{Ports.Owner(context)}"
                : $"{Words.Percent((double)all / limit)} of the ephemeral ports are in use",
            Listeners = isOne ? Ports.Listeners(context) : [],
            Measured = Ports.Measured(context),
            Why = "Each connection to one destination needs its own local port. Connections in TIME_WAIT count too, unless connect(2) can reuse their port. If no port is left, connect(2) fails. bind(2) to port 0 fails as soon as all ports of the range are in use, for any destination.",
            Changes = Ports.MorePorts(context),
            Cost = Ports.Cost,
            Folklore = Ports.Folklore,
            Runbook = Runbook,
        };
    }
}
