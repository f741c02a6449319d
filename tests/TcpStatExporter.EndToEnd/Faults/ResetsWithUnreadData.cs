using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Servers that close with data unread: each sends a reset. TCPAbortOnClose and OutRsts count once a connection,
/// EstabResets twice, at either end.
/// </summary>
internal sealed class ResetsWithUnreadData : Fault
{
    /// <summary>Makes it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="count">Connections reset.</param>
    public ResetsWithUnreadData(NetNamespace ns, int count)
    {
        Build(ns, () =>
        {
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, count));
            for (var i = 0; i < count; i++)
            {
                var (client, server) = Connection(listener);
                client.Send("unread"u8);
                server.WaitForData();
                server.Dispose();
                client.WaitFor(TcpState.Close);
            }
        });
    }
}
