using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A service may find its port taken when it starts.</summary>
internal sealed class PortRangeSharesListeners : IRule
{
    /// <inheritdoc/>
    public string Id => "port-range-shares-listeners";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "services listen inside the ephemeral range";

    /// <inheritdoc/>
    public string Runbook => "TcpEphemeralPortsExhausting";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public bool IsCommon => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (Ports.Range(context) is not { } range || context.Number(Sysctl.IpLocalReservedPorts) is null || !context.Has(SourceId.Listeners))
        {
            return RuleResult.CannotTell("listeners, net.ipv4.ip_local_port_range or ip_local_reserved_ports could not be read");
        }

        var reserved = context.Now.Kernel.Sysctls.ReservedPorts;
        var inside = context.Find((in ListenerSample listener) =>
            listener.Identity.Port >= range.First
            && listener.Identity.Port <= range.Second
            && !reserved.Contains(listener.Identity.Port)
            && Ports.IsService(listener.Identity.Address));
        if (inside.Count == 0)
        {
            return RuleResult.DoesNotHold;
        }

        var names = inside.Select(listener => listener.Identity).OrderBy(listener => listener.Port).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} {(names.Length == 1 ? "listens" : "listen")} inside the ephemeral range",
            Listeners = names,
            Measured = Words.AtMostTen([$"net.ipv4.ip_local_port_range {context.Text(Sysctl.IpLocalPortRange)}", .. names.Select(Words.Name)]),
            Why = "While such a service is down, an outgoing connection may get its port. Then bind(2) fails with EADDRINUSE when the service starts.",
            Changes =
            [
                .. Ports.Reserve(context, (int)range.First, (int)range.Second) is { } reserve ? [reserve] : Array.Empty<Change>(),
                Change.Do("Skip services that let the kernel choose their port: they do not need the same one again."),
            ],
            Cost = "That many fewer ports for outgoing connections.",
            Runbook = Runbook,
        };
    }
}
