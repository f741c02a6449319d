using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Namespaces;

/// <summary>The counters of a network namespace that the exporter reads.</summary>
internal sealed class NetnsCounters
{
    /// <summary>Group TcpExt of netstat.</summary>
    public CounterTable Netstat { get; } = new();

    /// <summary>Group MPTcpExt of netstat.</summary>
    public CounterTable Mptcp { get; } = new();

    /// <summary>Group Tcp of snmp.</summary>
    public CounterTable Snmp { get; } = new();

    /// <summary>Group Udp of snmp.</summary>
    public CounterTable Udp { get; } = new();
}
