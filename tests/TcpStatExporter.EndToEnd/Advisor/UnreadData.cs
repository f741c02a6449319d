using System.Net;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>Connections whose data nobody reads: memory of TCP, which sockstat counts in pages for the whole host.</summary>
internal sealed class UnreadData : Fault
{
    /// <summary>What fits the first window of a connection.</summary>
    private const int Bytes = 32 * 1024;

    /// <summary>Makes it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="connections">Connections.</param>
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
