using System.Net;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>
/// Connections whose data nobody reads. Their data is TCP memory, which sockstat counts in pages for the whole host.
/// </summary>
internal sealed class UnreadData : Fault
{
    /// <summary>Fits into the first window of a connection.</summary>
    private const int Bytes = 32 * 1024;

    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="connections">Number of connections.</param>
    public UnreadData(NetNamespace ns, int connections)
    {
        Build(ns, () =>
        {
            var data = new byte[Bytes];
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, connections));
            for (var i = 0; i < connections; i++)
            {
                Connection(listener).Client.Send(data);
            }
        });
    }
}
