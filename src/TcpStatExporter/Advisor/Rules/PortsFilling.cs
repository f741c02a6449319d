using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Before connect(2) fails.</summary>
internal sealed class PortsFilling : IRule
{
    private const double Exhausted = 0.99;
    private const double OfOne = 0.8;
    private const double OfAll = 0.9;

    /// <inheritdoc/>
    public string Id => "ports-filling";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "ephemeral ports run out";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sweep) || context.Now.Sweep.PortsLimit < 0)
        {
            return Judgement.CannotTell("no sweep over all sockets was made yet, or net.ipv4.ip_local_port_range could not be read");
        }

        var limit = context.Now.Sweep.PortsLimit;
        var busiest = context.Now.Sweep.BusiestPortsUsed;
        var all = Math.Max(context.Now.Sweep.PortsUsedIPv4, context.Now.Sweep.PortsUsedIPv6);
        if (limit == 0 || Ports.Held(context) >= Exhausted * limit || (busiest <= OfOne * limit && all <= OfAll * limit))
        {
            return Judgement.DoesNotHold;
        }

        return new Finding
        {
            Title = busiest > OfOne * limit
                ? $"{Words.Endpoint(context.Now.Sweep.Busiest.Address, context.Now.Sweep.Busiest.Port)} takes {Words.Percent((double)busiest / limit)} of the ephemeral ports"
                : $"{Words.Percent((double)all / limit)} of the ephemeral ports are in use",
            Measured = Ports.Measured(context),
            Why = "Connections to one destination each need a local port of their own, those in TIME_WAIT included; where they take the whole range connect(2) fails, and bind(2) to port 0 fails before.",
            Changes = Ports.MorePorts(context),
            Cost = Ports.Cost,
            Folklore = Ports.Folklore,
            Runbook = "TcpEphemeralPortsExhausting",
        };
    }
}
