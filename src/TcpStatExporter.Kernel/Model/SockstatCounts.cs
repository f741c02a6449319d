namespace TcpStatExporter.Kernel.Model;

/// <summary>The TCP values of a network namespace in <c>/proc/net/sockstat</c> and <c>sockstat6</c>.</summary>
public struct SockstatCounts
{
    /// <summary>IPv4 TCP sockets in use, including listeners, without minisockets and request sockets.</summary>
    public long TcpInUse;

    /// <summary>
    /// Minisockets in TIME_WAIT and FIN_WAIT2, IPv4 plus IPv6. Before Linux 4.10 host-wide, like their limit.
    /// </summary>
    public long TcpTimeWait;

    /// <summary>IPv6 TCP sockets in use. Valid if <see cref="HasTcp6"/>.</summary>
    public long Tcp6InUse;

    /// <summary>The host has IPv6.</summary>
    public bool HasTcp6;
}
