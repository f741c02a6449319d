using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor;

/// <summary>What the rules of ephemeral ports have in common. Thresholds are those of the alerts.</summary>
internal static class Ports
{
    public const string Cost =
        "Ports that outgoing connections may take are lost to services that start later, unless ip_local_reserved_ports names them.";

    public const string Folklore =
        "The number of ports does not bound the connections of a host, only those to one destination address and port. tcp_fin_timeout frees no port: TIME_WAIT is 60 s whatever is set.";

    /// <summary>The range that is advised: well above services, and 49,152 ports.</summary>
    private const int Low = 16_384;

    private const long TakenOverFromSource = 1;

    /// <summary>
    /// Ports that the busiest destination takes and connect(2) cannot take over: with tcp_tw_reuse=1 those in TIME_WAIT
    /// do not count.
    /// </summary>
    public static long Held(AdvisorContext context)
    {
        var reused = context.Number(Sysctl.TcpTwReuse) == TakenOverFromSource && context.Has(SourceId.Sockets)
            ? context.Now.Kernel.States[TcpState.TimeWait]
            : 0;
        return Math.Max(0, context.Now.Sweep.BusiestPortsUsed - reused);
    }

    /// <summary>ip_local_port_range; none where it is not known, or is none.</summary>
    public static SysctlValue? Range(AdvisorContext context) =>
        context.Numbers(Sysctl.IpLocalPortRange) is { Count: 2, First: > 0, Second: <= ushort.MaxValue } range && range.First <= range.Second ? range : null;

    /// <summary>What the busiest destination takes, and of what.</summary>
    public static IReadOnlyList<string> Measured(AdvisorContext context)
    {
        var sweep = context.Now.Sweep;
        return
        [
            $"{Words.Endpoint(sweep.Busiest.Address, sweep.Busiest.Port)} from {sweep.Busiest.Source} takes {Words.Count(sweep.BusiestPortsUsed)} of {Words.Count(sweep.PortsLimit)} ports (ip_local_port_range {context.Text(Sysctl.IpLocalPortRange)}, {context.Number(Sysctl.IpLocalReservedPorts) ?? 0} reserved)",
            $"all destinations: {Words.Count(sweep.PortsUsedIPv4)} ports by IPv4, {Words.Count(sweep.PortsUsedIPv6)} by IPv6",
            .. context.Has(SourceId.Sockets)
                ? [$"{Words.Count(context.Now.Kernel.States[TcpState.TimeWait])} sockets in TIME_WAIT, tcp_tw_reuse {context.Text(Sysctl.TcpTwReuse)}"]
                : Array.Empty<string>(),
        ];
    }

    /// <summary>More ports, and what to do where there are no more.</summary>
    public static IReadOnlyList<Change> MorePorts(AdvisorContext context)
    {
        var changes = new List<Change>
        {
            Change.Do("Have the application keep connections to that destination open and use them again (a pool, HTTP keep-alive)."),
        };
        changes.AddRange(Widen(context));
        if (context.Number(Sysctl.TcpTwReuse) is 0 or 2
            && context.Has(SourceId.Sockets)
            && context.Now.Kernel.States[TcpState.TimeWait] * 2 >= context.Now.Sweep.BusiestPortsUsed)
        {
            changes.Add(Change.Set(
                context, Sysctl.TcpTwReuse, "1", "outgoing connections may take over a port in TIME_WAIT after a second, if both ends use timestamps"));
        }

        changes.Add(Change.Do("Or spread the connections over more source addresses, destination addresses or destination ports: each has all the ports for itself."));
        return changes;
    }

    /// <summary>Not one of the many that listen on loopback at a port of the kernel's choice, and need no port in particular.</summary>
    /// <param name="address">Address that it listens on.</param>
    public static bool IsService(IpAddress address)
    {
        var unmapped = address.Unmapped();
        return unmapped.Family == IpFamily.IPv4 ? (unmapped.Low >> 24 & 0xff) != 127 : unmapped is not { High: 0, Low: 1 };
    }

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
            : Change.Set(context, Sysctl.IpLocalReservedPorts, PortRanges.Format(ports), "ports that services listen on are never given to outgoing connections; it does not keep the services from them");
    }
}
