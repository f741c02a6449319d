using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What the rules of ephemeral ports have in common. Thresholds are those of the alerts.</summary>
internal static class Ports
{
    public const string Cost =
        "Services that start later may find their port in use by an outgoing connection, unless ip_local_reserved_ports lists it.";

    public const string Folklore =
        "The number of ports does not limit the connections of a host, only those to one destination address and port. tcp_fin_timeout frees no port: TIME_WAIT always lasts 60 s.";

    /// <summary>The range that is advised: well above services, and 49,152 ports.</summary>
    private const int Low = 16_384;

    private const double Exhausted = 0.99;

    /// <summary>
    /// The scarcest destination has no port left. Listeners and bound sockets keep a few ports of a wide range from
    /// connect(2), which fails before all are taken.
    /// </summary>
    public static bool AreExhausted(SweepSample sweep) => sweep.PortsLimit > 0 && sweep.Scarcest.Held >= Exhausted * sweep.PortsLimit;

    /// <summary>The scarcest destination, where it is a listener of this host; otherwise nothing.</summary>
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

    /// <summary>"10.0.0.2:5432", the scarcest destination; with its owner where it is a listener of this host.</summary>
    public static string Destination(AdvisorContext context)
    {
        var to = context.Now.Sweep.Scarcest.Destination;
        var units = Listeners(context).Select(listener => listener.Unit).Where(unit => unit.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        return Words.Endpoint(to.Address, to.Port) + (units.Length > 0 ? $" ({string.Join(", ", units)})" : "");
    }

    /// <summary>": batch.service holds most of them": whose connections take the ports of the scarcest destination; nothing where it is not known.</summary>
    public static string Owner(AdvisorContext context) => context.Now.Sweep.ScarcestUnit.Length > 0 ? $": {context.Now.Sweep.ScarcestUnit} holds most of them" : "";

    /// <summary>ip_local_port_range; none where it is not known, or is none.</summary>
    public static SysctlValue? Range(AdvisorContext context) =>
        context.Numbers(Sysctl.IpLocalPortRange) is { Count: 2, First: > 0, Second: <= ushort.MaxValue } range && range.First <= range.Second ? range : null;

    /// <summary>What the scarcest destination takes, and of what.</summary>
    public static IReadOnlyList<string> Measured(AdvisorContext context)
    {
        var sweep = context.Now.Sweep;
        var scarcest = sweep.Scarcest;
        return
        [
            $"{Destination(context)} from {scarcest.Destination.Source} uses {Words.Count(scarcest.Used)} of {Words.Count(sweep.PortsLimit)} ports (ip_local_port_range {context.Text(Sysctl.IpLocalPortRange)}, {context.Number(Sysctl.IpLocalReservedPorts) ?? 0} reserved)",
            $"{Words.Count(scarcest.TimeWait)} of them by connections in TIME_WAIT{(scarcest.TimeWait == 0 ? "" : scarcest.Held < scarcest.Used ? ", which connect(2) can reuse" : ", which connect(2) cannot reuse")} (tcp_tw_reuse {context.Text(Sysctl.TcpTwReuse)})",
            $"all destinations: {Words.Count(sweep.PortsUsedIPv4)} ports by IPv4, {Words.Count(sweep.PortsUsedIPv6)} by IPv6",
        ];
    }

    /// <summary>More ports, and what to do where there are no more.</summary>
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

    /// <summary>Not one of the many that listen on loopback at a port of the kernel's choice, and need no port in particular.</summary>
    /// <param name="address">Address that it listens on.</param>
    public static bool IsService(IpAddress address) => !address.IsLoopback;

    /// <summary>A wider range, with the listeners inside it reserved; nothing where it is as wide as it should be.</summary>
    public static IEnumerable<Change> Widen(AdvisorContext context)
    {
        if (Range(context) is not { } range || (range.First <= Low && range.Second == ushort.MaxValue))
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

    /// <summary>To reserve the ports that are listened on inside a range, those reserved already kept; none where there are none to add.</summary>
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
    /// To take over ports in TIME_WAIT, where half of the ports are those and it is not done already. Loopback needs no
    /// more than the kernel's default.
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
