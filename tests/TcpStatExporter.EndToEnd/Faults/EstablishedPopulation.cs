using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Many connections on the loopback, each seen twice: once from either end. No fault, but the load under which the
/// others must be seen. Destinations change each 20,000 connections, as a real host has more than one.
/// </summary>
internal sealed class EstablishedPopulation : Fault
{
    private const int ForOneDestination = 20_000;
    private const int OtherDescriptors = 1024;

    /// <summary>Makes it, or skips the test where this process may not hold so many descriptors.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="connections">Connections; twice as many sockets are ESTABLISHED.</param>
    public EstablishedPopulation(NetNamespace ns, int connections)
    {
        Requires.Descriptors((2 * connections) + OtherDescriptors);
        Build(ns, () =>
        {
            var listener = Keep(KernelSocket.Listener(IPAddress.Any, backlog: 128));
            var port = listener.LocalEndPoint.Port;
            for (var i = 0; i < connections; i++)
            {
                var host = new IPAddress([127, 0, 1, (byte)(1 + (i / ForOneDestination))]);
                Connection(listener, new IPEndPoint(host, port));
            }
        });
    }
}
