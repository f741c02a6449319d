namespace TcpStatExporter.Counters;

/// <summary>Where the kernel prints a counter.</summary>
internal enum KernelCounterGroup
{
    /// <summary>The <c>Tcp:</c> lines of <c>/proc/net/snmp</c>.</summary>
    Tcp,

    /// <summary>The <c>TcpExt:</c> lines of <c>/proc/net/netstat</c>.</summary>
    TcpExt,
}
