using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>A service and clients that stay connected, until all of them are cut off at once.</summary>
internal sealed class AcceptedConnections : Fault
{
    private readonly List<(KernelSocket Client, KernelSocket Server)> _connections = [];

    /// <summary>Makes them.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="count">Clients.</param>
    public AcceptedConnections(NetNamespace ns, int count) => Build(ns, () =>
    {
        var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 16));
        Listener = listener.LocalEndPoint;
        for (var i = 0; i < count; i++)
        {
            _connections.Add(Connection(listener));
        }
    });

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Resets all connections from the clients' side, as a load balancer does that forgets them; the service goes on listening.</summary>
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

    /// <summary>Ends all connections in order, from the clients' side, as a job does that is done; the service goes on listening.</summary>
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
