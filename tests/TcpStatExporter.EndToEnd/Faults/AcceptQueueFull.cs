using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A listener that does not accept, and more clients than its accept queue holds. The queue takes backlog + 1; each
/// further SYN counts in ListenOverflows, in ListenDrops and in the listener's own drops, and again at each retry,
/// from a second later on.
/// </summary>
internal sealed class AcceptQueueFull : Fault
{
    private KernelSocket _listener = null!;

    /// <summary>Makes it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="backlog">Limit of the accept queue.</param>
    /// <param name="clients">Clients that connect.</param>
    /// <param name="address">Address to listen on; 127.0.0.1 if not given.</param>
    /// <param name="port">Port; 0 for one of the kernel's choice.</param>
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

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Limit of the accept queue.</summary>
    public int Backlog { get; }

    /// <summary>Connections in the accept queue.</summary>
    public int Queued { get; }

    /// <summary>Clients whose SYN was dropped.</summary>
    public int Refused { get; }

    /// <summary>The server accepts those that wait, and closes them.</summary>
    /// <param name="waiting">How many wait.</param>
    public void Drain(int waiting)
    {
        for (var i = 0; i < waiting; i++)
        {
            _listener.Accept().Dispose();
        }
    }
}
