using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients that close while their peer receives nothing. Their sockets are in FIN_WAIT1 without a process, and sockstat
/// counts them as orphans (host-wide) until the kernel has retransmitted the FIN often enough. The other ends stay
/// ESTABLISHED.
/// </summary>
internal sealed class Orphans : Fault
{
    /// <summary>Creates the orphans.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="count">Number of orphans.</param>
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
