namespace TcpStatExporter.Kernel.Model;

/// <summary>What <c>/proc/net/sockstat</c> and <c>sockstat6</c> say of TCP.</summary>
public struct SockstatCounts
{
    /// <summary>IPv4 TCP sockets in use, listeners included, minisockets and request sockets not. Per namespace.</summary>
    public long TcpInUse;

    /// <summary>Sockets that no process holds and that still have to finish. Host-wide.</summary>
    public long TcpOrphan;

    /// <summary>Minisockets in TIME_WAIT and FIN_WAIT2, IPv4 and IPv6 together. Per namespace; before Linux 4.10 host-wide, as their limit is.</summary>
    public long TcpTimeWait;

    /// <summary>TCP sockets allocated, in whatever state. Host-wide.</summary>
    public long TcpAllocated;

    /// <summary>Memory of all TCP sockets, in pages. Host-wide.</summary>
    public long TcpMemoryPages;

    /// <summary>IPv6 TCP sockets in use; valid if <see cref="HasTcp6"/>. Per namespace.</summary>
    public long Tcp6InUse;

    /// <summary>The host has IPv6.</summary>
    public bool HasTcp6;
}
