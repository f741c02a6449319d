using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Fewer ports than half of the kernel's default.</summary>
internal sealed class PortRangeNarrow : IRule
{
    private const long Enough = 14_116;

    /// <inheritdoc/>
    public string Id => "port-range-narrow";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "the ephemeral range is narrow";

    /// <inheritdoc/>
    public string Runbook => "TcpEphemeralPortsExhausting";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (Ports.Range(context) is not { } range || context.Number(Sysctl.IpLocalReservedPorts) is null)
        {
            return RuleResult.CannotTell("net.ipv4.ip_local_port_range or ip_local_reserved_ports could not be read");
        }

        var reserved = context.Now.Kernel.Sysctls.ReservedPorts.CountBetween((ushort)range.First, (ushort)range.Second);
        var offered = range.Second - range.First + 1 - reserved;
        return offered >= Enough
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"The ephemeral port range has only {Words.Count(offered)} ports",
                Measured = [$"net.ipv4.ip_local_port_range {context.Text(Sysctl.IpLocalPortRange)}, {Words.Count(reserved)} of them reserved; the kernel's default has 28,232"],
                Why = "Each connection to one destination address and port needs its own local port from this range, while it is open and for 60 s of TIME_WAIT after.",
                Changes = [.. Ports.Widen(context), .. reserved > 0 ? [Change.Do("Check whether you need all of net.ipv4.ip_local_reserved_ports.")] : Array.Empty<Change>()],
                Cost = Ports.Cost,
                Folklore = Ports.Folklore,
                Runbook = Runbook,
            };
    }
}
