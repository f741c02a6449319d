using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Many connections on loopback, each counted at both ends. Not a fault, but the load under which faults must be detected.
/// The destination changes every 20,000 connections, because a real host has more than one.
/// </summary>
internal sealed class EstablishedPopulation : Fault
{
    private const int ForOneDestination = 20_000;
    private const int OtherDescriptors = 1024;

    /// <summary>Creates the connections, or skips the test if this process may not hold that many descriptors.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="connections">Number of connections. Twice as many sockets are ESTABLISHED.</param>
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
