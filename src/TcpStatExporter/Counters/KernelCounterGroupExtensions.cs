namespace TcpStatExporter.Counters;

/// <summary>Names and files of counter groups.</summary>
internal static class KernelCounterGroupExtensions
{
    /// <summary>Returns the prefix that nstat(8) prints for the group: <c>TcpExt</c>.</summary>
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

    /// <summary>Returns the file that the kernel prints it in.</summary>
    /// <param name="group">The group.</param>
    public static string File(this KernelCounterGroup group) => group switch
    {
        KernelCounterGroup.TcpExt or KernelCounterGroup.MPTcpExt => "/proc/net/netstat",
        KernelCounterGroup.Udp6 => "/proc/net/snmp6",
        _ => "/proc/net/snmp",
    };
}
