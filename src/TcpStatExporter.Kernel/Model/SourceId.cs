namespace TcpStatExporter.Kernel.Model;

/// <summary>The sources of a network namespace. Each one is a value of the label <c>source</c>.</summary>
public enum SourceId : byte
{
    /// <summary>Sockets by state, and half-open connections by local endpoint.</summary>
    Sockets,

    /// <summary>Listening sockets.</summary>
    Listeners,

    /// <summary><c>/proc/net/snmp</c>.</summary>
    Snmp,

    /// <summary><c>/proc/net/netstat</c>.</summary>
    Netstat,

    /// <summary><c>/proc/net/sockstat</c> and <c>sockstat6</c>.</summary>
    Sockstat,

    /// <summary>Kernel parameters.</summary>
    Sysctl,

    /// <summary>A full socket scan, at its own interval.</summary>
    Sweep,

    /// <summary>Connection tracking.</summary>
    Conntrack,

    /// <summary>Bound UDP sockets, every few seconds.</summary>
    Udp,

    /// <summary>AF_UNIX sockets that listen.</summary>
    Unix,
}
