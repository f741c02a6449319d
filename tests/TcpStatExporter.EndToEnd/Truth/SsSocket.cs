using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>One line of ss(8).</summary>
/// <param name="State">State. ss prints CLOSE as UNCONN.</param>
/// <param name="ReceiveQueue">Recv-Q: the length of a listener's accept queue, otherwise unread bytes.</param>
/// <param name="SendQueue">Send-Q: the limit of a listener's accept queue, otherwise unacknowledged bytes.</param>
/// <param name="Local">Local address as ss prints it, without brackets. * for a :: that accepts IPv4 too.</param>
/// <param name="LocalPort">Local port.</param>
/// <param name="Remote">Remote address as ss prints it, without brackets.</param>
/// <param name="RemotePort">Remote port. 0 for *.</param>
/// <param name="Inode">Inode. 0 if no process holds the socket.</param>
/// <param name="Drops">Drops in skmem. Null for minisockets and request sockets.</param>
/// <param name="Cgroup">Path of the owner's cgroup, or null.</param>
internal sealed record SsSocket(
    TcpState State,
    int ReceiveQueue,
    int SendQueue,
    string Local,
    int LocalPort,
    string Remote,
    int RemotePort,
    ulong Inode,
    uint? Drops,
    string? Cgroup)
{
    /// <summary>Returns true if it is bound to an address and port.</summary>
    /// <param name="endpoint">The address and port.</param>
    public bool IsAt(IPEndPoint endpoint) =>
        LocalPort == endpoint.Port && string.Equals(Local, endpoint.Address.ToString(), StringComparison.Ordinal);
}
