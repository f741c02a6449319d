namespace TcpStatExporter.Counters;

/// <summary>Where the kernel prints a counter.</summary>
internal enum KernelCounterGroup
{
    /// <summary>The <c>Tcp:</c> lines of <c>/proc/net/snmp</c>.</summary>
    Tcp,

    /// <summary>The <c>TcpExt:</c> lines of <c>/proc/net/netstat</c>.</summary>
    TcpExt,

    /// <summary>The <c>MPTcpExt:</c> lines of <c>/proc/net/netstat</c>.</summary>
    MPTcpExt,

    /// <summary>The <c>Udp:</c> lines of <c>/proc/net/snmp</c>.</summary>
    Udp,

    /// <summary>The lines of <c>/proc/net/snmp6</c> that begin with <c>Udp6</c>.</summary>
    Udp6,
}
