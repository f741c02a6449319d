using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>Shared by the rules about ephemeral ports. The thresholds are those of the alerts.</summary>
internal static class Ports
{
    public const string Cost =
        "Services that start later may find their port in use by an outgoing connection, unless ip_local_reserved_ports lists it.";

    public const string Folklore =
        "The number of ports does not limit the connections of a host, only those to one destination address and port. tcp_fin_timeout frees no port: TIME_WAIT always lasts 60 s.";

    /// <summary>How to get more ports in a network namespace whose parameters cannot be read.</summary>
    private const string RangeOfNamespace =
        "Set net.ipv4.ip_local_port_range to \"16384 65535\": each network namespace has its own. For a pod: securityContext.sysctls (Kubernetes counts it as safe, so the kubelet allows it). For docker and podman: --sysctl. Then restart the pod or container.";

    /// <summary>The recommended range starts here: well above services, with 49,152 ports.</summary>
    private const int Low = 16_384;

    private const double Exhausted = 0.99;

    /// <summary>
    /// Returns true if no port is left for the scarcest destination. In a wide range, listeners and bound sockets block a few
    /// ports for connect(2), so it fails before all ports are taken.
    /// </summary>
    public static bool AreExhausted(SweepSample sweep) => sweep.PortsLimit > 0 && sweep.Scarcest.Held >= Exhausted * sweep.PortsLimit;

    /// <summary>Returns the scarcest destination if it is a listener of this host. Otherwise returns nothing.</summary>
    public static IReadOnlyList<ListenerIdentity> Listeners(AdvisorContext context)
    {
        var to = context.Now.Sweep.Scarcest.Destination;
        return
        [
            .. context.Find((in ListenerSample listener) =>
                    listener.Identity.Port == to.Port
                    && (listener.Identity.Address.Unmapped() == to.Address || (to.Address.IsLoopback && listener.Identity.Address.IsWildcard)))
                .Select(listener => listener.Identity),
        ];
    }

    /// <summary>Returns "10.0.0.2:5432", the scarcest destination, with its owner if it is a listener of this host.</summary>
    public static string Destination(AdvisorContext context)
    {
        var to = context.Now.Sweep.Scarcest.Destination;
        var units = Listeners(context).Select(listener => listener.Unit).Where(unit => unit.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        return Words.Endpoint(to.Address, to.Port) + (units.Length > 0 ? $" ({string.Join(", ", units)})" : "");
    }

    /// <summary>
    /// Returns ": batch.service holds most of them", the unit whose connections take the ports of the scarcest destination.
    /// Empty if unknown.
    /// </summary>
    public static string Owner(AdvisorContext context) => context.Now.Sweep.ScarcestUnit.Length > 0 ? $": {context.Now.Sweep.ScarcestUnit} holds most of them" : "";

    /// <summary>Returns ip_local_port_range. Null if it is unknown or invalid.</summary>
    public static SysctlValue? Range(AdvisorContext context) =>
        context.Numbers(Sysctl.IpLocalPortRange) is { Count: 2, First: > 0, Second: <= ushort.MaxValue } range && range.First <= range.Second ? range : null;

    /// <summary>Describes how many ports the scarcest destination takes, out of how many.</summary>
    public static IReadOnlyList<string> Measured(AdvisorContext context)
    {
        var sweep = context.Now.Sweep;
        var scarcest = sweep.Scarcest;
        return
        [
            $"{Destination(context)} from {scarcest.Destination.Source} uses {Words.Count(scarcest.Used)} of {Words.Count(sweep.PortsLimit)} ports ({Source(context)})",
            $"{Words.Count(scarcest.TimeWait)} of them by connections in TIME_WAIT{(scarcest.TimeWait == 0 ? "" : scarcest.Held < scarcest.Used ? ", which connect(2) can reuse" : ", which connect(2) cannot reuse")}{(context.Number(Sysctl.TcpTwReuse) is { } reuse ? $" (tcp_tw_reuse {reuse})" : "")}",
            $"all destinations: {Words.Count(sweep.PortsUsedIPv4)} ports by IPv4, {Words.Count(sweep.PortsUsedIPv6)} by IPv6",
        ];
    }

    private static string Source(AdvisorContext context) => Range(context) is null
        ? "the kernel's default for a network namespace; that of this one cannot be read, and hardly any connection uses a port outside it"
        : $"ip_local_port_range {context.Text(Sysctl.IpLocalPortRange)}, {context.Number(Sysctl.IpLocalReservedPorts) ?? 0} reserved";

    /// <summary>Returns how to get more ports, and what to do if there are no more.</summary>
    public static IReadOnlyList<Change> MorePorts(AdvisorContext context)
    {
        var changes = new List<Change>
        {
            Change.Do($"Have {(context.Now.Sweep.ScarcestUnit.Length > 0 ? context.Now.Sweep.ScarcestUnit : "the application")} keep connections to that destination open and reuse them (a pool, HTTP keep-alive)."),
        };
        changes.AddRange(Widen(context));
        changes.AddRange(TakeOver(context));

        changes.Add(Change.Do("Or spread the connections over more source addresses, destination addresses or destination ports: each combination can use all ports."));
        return changes;
    }

    /// <summary>
    /// Returns false for listeners on loopback. Many of these use a port that the kernel chose, and need no particular port.
    /// </summary>
    /// <param name="address">Address that it listens on.</param>
    public static bool IsService(IpAddress address) => !address.IsLoopback;

    /// <summary>
    /// Suggests a wider range, with the listeners inside it reserved. Empty if the range is already wide enough.
    /// </summary>
    public static IEnumerable<Change> Widen(AdvisorContext context)
    {
        if (Range(context) is not { } range)
        {
            yield return Change.Do(RangeOfNamespace);
            yield break;
        }

        if (range.First <= Low && range.Second == ushort.MaxValue)
        {
            yield break;
        }

        var low = Math.Min(range.First, Low);
        yield return Change.Set(context, Sysctl.IpLocalPortRange, $"{low} {ushort.MaxValue}", $"{Words.Count(ushort.MaxValue - low + 1)} ports, above those of most services");
        if (Reserve(context, (int)low, ushort.MaxValue) is { } reserve)
        {
            yield return reserve;
        }
    }

    /// <summary>
    /// Suggests reserving the listened-on ports inside a range, in addition to the ports already reserved. Null if there are
    /// none to add.
    /// </summary>
    public static Change? Reserve(AdvisorContext context, int low, int high)
    {
        var ports = new PortSet();
        context.Now.Kernel.Sysctls.ReservedPorts.CopyTo(ports);
        var before = ports.Count;
        foreach (ref readonly var socket in context.Now.Kernel.Listeners.Span)
        {
            if (socket.Port >= low && socket.Port <= high && IsService(socket.Address))
            {
                ports.Add(socket.Port);
            }
        }

        return ports.Count == before || context.Number(Sysctl.IpLocalReservedPorts) is null
            ? null
            : Change.Set(context, Sysctl.IpLocalReservedPorts, PortRanges.Format(ports), "outgoing connections never get these ports; services can still listen on them");
    }

    /// <summary>
    /// Suggests reusing ports in TIME_WAIT, if half of the ports are in that state and reuse is not yet enabled. For
    /// loopback, the kernel's default is enough.
    /// </summary>
    private static IEnumerable<Change> TakeOver(AdvisorContext context)
    {
        var scarcest = context.Now.Sweep.Scarcest;
        var wanted = scarcest.Destination.IsLoopback ? 2 : 1;
        if (scarcest.TimeWait == 0 || scarcest.TimeWait * 2 < scarcest.Used || context.Number(Sysctl.TcpTwReuse) is not { } reuse)
        {
            yield break;
        }

        if (!scarcest.Destination.TakesOverTimeWait(reuse))
        {
            yield return Change.Set(
                context,
                Sysctl.TcpTwReuse,
                $"{wanted}",
                $"outgoing connections {(wanted == 2 ? "over loopback " : "")}can reuse a port in TIME_WAIT after a second, if both ends use timestamps");
        }

        if (context.Number(Sysctl.TcpTimestamps) == 0)
        {
            yield return Change.Set(context, Sysctl.TcpTimestamps, "1", "the kernel's default: without timestamps, no port in TIME_WAIT can be reused");
        }
    }
}
