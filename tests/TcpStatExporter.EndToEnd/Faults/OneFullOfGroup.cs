using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A SO_REUSEPORT group in which one listener has a full accept queue and the others are idle, as if one worker hangs: a
/// program on the group sends every connection to the first one. Totals over the group hide it.
/// </summary>
internal sealed class OneFullOfGroup : Fault
{
    private readonly List<KernelSocket> _group = [];

    /// <summary>Creates the group and the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="sockets">Number of sockets in the group.</param>
    /// <param name="backlog">Backlog of each socket.</param>
    /// <param name="clients">Number of clients that connect.</param>
    public OneFullOfGroup(NetNamespace ns, int sockets = 4, int backlog = 8, int clients = 20)
    {
        Backlog = backlog;
        Queued = Math.Min(backlog + 1, clients);
        Refused = clients - Queued;
        Build(ns, () =>
        {
            for (var i = 0; i < sockets; i++)
            {
                var socket = Keep(KernelSocket.Tcp());
                socket.SetOption(Libc.SolSocket, Libc.SoReusePort, 1);
                socket.Bind(Listener ?? new IPEndPoint(IPAddress.Loopback, 0));
                socket.Listen(backlog);
                Listener = socket.LocalEndPoint;
                _group.Add(socket);
            }

            _group[0].SelectByProgram(SocketFilter.FirstOfGroup);
            BeginConnecting(Listener!, clients);
        });
    }

    /// <summary>The address that the group listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Backlog of each socket.</summary>
    public int Backlog { get; }

    /// <summary>Connections in the accept queue of the full socket.</summary>
    public int Queued { get; }

    /// <summary>Clients whose SYN was dropped. Each retries, the first time after one second.</summary>
    public int Refused { get; }

    /// <summary>Closes the full socket, like a restart of its worker. Its own drop count disappears with it.</summary>
    public void CloseFull() => _group[0].Dispose();
}
