using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Servers that close with unread data: each sends a reset. Per connection, TCPAbortOnClose and OutRsts increase by one, and
/// EstabResets by two, one for each end.
/// </summary>
internal sealed class ResetsWithUnreadData : Fault
{
    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="count">Number of connections to reset.</param>
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
