namespace TcpStatExporter.Counters;

/// <summary>What groups of counters are called, and where they come from.</summary>
internal static class KernelCounterGroupExtensions
{
    /// <summary>The group as nstat(8) prints it in front of a counter: <c>TcpExt</c>.</summary>
    /// <param name="group">The group.</param>
    public static string Name(this KernelCounterGroup group) => group switch
    {
        KernelCounterGroup.Tcp => "Tcp",
        KernelCounterGroup.TcpExt => "TcpExt",
        KernelCounterGroup.MPTcpExt => "MPTcpExt",
        KernelCounterGroup.Udp => "Udp",
        KernelCounterGroup.Udp6 => "Udp6",
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, message: null),
    };

    /// <summary>The file that the kernel prints it in.</summary>
    /// <param name="group">The group.</param>
    public static string File(this KernelCounterGroup group) => group switch
    {
        KernelCounterGroup.TcpExt or KernelCounterGroup.MPTcpExt => "/proc/net/netstat",
        KernelCounterGroup.Udp6 => "/proc/net/snmp6",
        _ => "/proc/net/snmp",
    };
}
