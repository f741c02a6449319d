namespace TcpStatExporter.Kernel.Model;

/// <summary>The TCP values of <c>/proc/net/sockstat</c> and <c>sockstat6</c>.</summary>
public struct SockstatCounts
{
    /// <summary>IPv4 TCP sockets in use, including listeners, without minisockets and request sockets. Per namespace.</summary>
    public long TcpInUse;

    /// <summary>Sockets that no process holds and that are not closed yet. Host-wide.</summary>
    public long TcpOrphan;

    /// <summary>
    /// Minisockets in TIME_WAIT and FIN_WAIT2, IPv4 plus IPv6. Per namespace. Before Linux 4.10 host-wide, like their limit.
    /// </summary>
    public long TcpTimeWait;

    /// <summary>Allocated TCP sockets in any state. Host-wide.</summary>
    public long TcpAllocated;

    /// <summary>Memory of all TCP sockets, in pages. Host-wide.</summary>
    public long TcpMemoryPages;

    /// <summary>IPv6 TCP sockets in use. Valid if <see cref="HasTcp6"/>. Per namespace.</summary>
    public long Tcp6InUse;

    /// <summary>The host has IPv6.</summary>
    public bool HasTcp6;
}
