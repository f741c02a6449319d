using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Kernel parameters of a network namespace that nobody has changed. Those of a pod cannot be read from outside.
/// </summary>
/// <remarks>
/// Set by inet_init_net() (net/ipv4/af_inet.c) and tcp_sk_init() (net/ipv4/tcp_ipv4.c), whatever the host's own are.
/// </remarks>
internal static class NetnsDefaults
{
    private const int FirstPort = 32_768;
    private const int LastPort = 60_999;

    /// <summary>Number of ephemeral ports.</summary>
    public const int Ports = LastPort - FirstPort + 1;

    /// <summary>Those that decide how many connections to one destination are possible. The others are missing.</summary>
    public static SysctlTable Sysctls { get; } = Create();

    private static SysctlTable Create()
    {
        var table = new SysctlTable();
        table[Sysctl.IpLocalPortRange] = new SysctlValue { Count = 2, First = FirstPort, Second = LastPort };
        table[Sysctl.TcpTwReuse] = new SysctlValue { Count = 1, First = 2 };
        table[Sysctl.TcpTimestamps] = new SysctlValue { Count = 1, First = 1 };
        return table;
    }
}
