using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>One line of ss(8).</summary>
/// <param name="State">State; ss writes CLOSE as UNCONN.</param>
/// <param name="ReceiveQueue">Recv-Q: of a listener the length of its accept queue, else bytes not read.</param>
/// <param name="SendQueue">Send-Q: of a listener the limit of its accept queue, else bytes not acknowledged.</param>
/// <param name="Local">Local address as ss writes it, brackets taken off; * for :: that takes IPv4 too.</param>
/// <param name="LocalPort">Local port.</param>
/// <param name="Remote">Remote address as ss writes it, brackets taken off.</param>
/// <param name="RemotePort">Remote port; 0 for *.</param>
/// <param name="Inode">Inode; 0 where no process holds the socket.</param>
/// <param name="Drops">Drops of skmem; none for minisockets and request sockets.</param>
/// <param name="Cgroup">Path of the owner's cgroup, or none.</param>
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
    /// <summary>Whether it is bound to an address and port.</summary>
    /// <param name="endpoint">The address and port.</param>
    public bool IsAt(IPEndPoint endpoint) =>
        LocalPort == endpoint.Port && string.Equals(Local, endpoint.Address.ToString(), StringComparison.Ordinal);
}
