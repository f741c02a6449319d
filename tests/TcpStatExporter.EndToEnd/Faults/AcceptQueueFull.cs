using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A listener that does not accept, and more clients than its accept queue holds. The queue holds backlog + 1. Each further
/// SYN counts in ListenOverflows, in ListenDrops and in the listener's own drops, and so does each retry, the first one after
/// one second.
/// </summary>
internal sealed class AcceptQueueFull : Fault
{
    private KernelSocket _listener = null!;

    /// <summary>Creates the listener and the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="backlog">Limit of the accept queue.</param>
    /// <param name="clients">Number of clients that connect.</param>
    /// <param name="address">Address to listen on. Default: 127.0.0.1.</param>
    /// <param name="port">Port. With 0, the kernel chooses one.</param>
    public AcceptQueueFull(NetNamespace ns, int backlog = 8, int clients = 20, IPAddress? address = null, int port = 0)
    {
        Backlog = backlog;
        Queued = Math.Min(backlog + 1, clients);
        Refused = clients - Queued;
        Build(ns, () =>
        {
            _listener = Keep(KernelSocket.Listener(address ?? IPAddress.Loopback, backlog, port));
            Listener = _listener.LocalEndPoint;
            BeginConnecting(Listener, clients);
        });
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Limit of the accept queue.</summary>
    public int Backlog { get; }

    /// <summary>Connections in the accept queue.</summary>
    public int Queued { get; }

    /// <summary>Clients whose SYN was dropped.</summary>
    public int Refused { get; }

    /// <summary>The server accepts the waiting connections and closes them.</summary>
    /// <param name="waiting">Number of waiting connections.</param>
    public void Drain(int waiting)
    {
        for (var i = 0; i < waiting; i++)
        {
            _listener.Accept().Dispose();
        }
    }
}
