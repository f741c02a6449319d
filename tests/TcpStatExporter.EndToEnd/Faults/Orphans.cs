using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients that close while their peer hears nothing: sockets in FIN_WAIT1 that no process holds, counted as orphan
/// by sockstat (for the whole host), until the kernel has retransmitted the FIN often enough. The other ends stay
/// ESTABLISHED.
/// </summary>
internal sealed class Orphans : Fault
{
    /// <summary>Makes it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="count">Orphans.</param>
    public Orphans(NetNamespace ns, int count)
    {
        Build(ns, () =>
        {
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, count));
            for (var i = 0; i < count; i++)
            {
                var (client, server) = Connection(listener);
                server.Attach(SocketFilter.Nothing);
                client.Dispose();
            }
        });
    }
}
