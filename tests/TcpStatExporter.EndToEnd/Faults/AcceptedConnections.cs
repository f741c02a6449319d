using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>A service and clients that stay connected until all of them are cut off at once.</summary>
internal sealed class AcceptedConnections : Fault
{
    private readonly List<(KernelSocket Client, KernelSocket Server)> _connections = [];

    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="count">Number of clients.</param>
    public AcceptedConnections(NetNamespace ns, int count) => Build(ns, () =>
    {
        var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 16));
        Listener = listener.LocalEndPoint;
        for (var i = 0; i < count; i++)
        {
            _connections.Add(Connection(listener));
        }
    });

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>
    /// Resets all connections from the clients' side, like a load balancer that loses its state. The service continues to
    /// listen.
    /// </summary>
    public void CutOff()
    {
        foreach (var (client, server) in _connections)
        {
            client.Reset();
            server.WaitFor(TcpState.Close);
            server.Dispose();
        }

        _connections.Clear();
    }

    /// <summary>
    /// Closes all connections normally from the clients' side, like a finished job. The service continues to listen.
    /// </summary>
    public void Leave()
    {
        foreach (var (client, server) in _connections)
        {
            client.ShutdownSend();
            server.WaitFor(TcpState.CloseWait);
            server.Dispose();
            client.Dispose();
        }

        _connections.Clear();
    }
}
