using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A SO_REUSEPORT group of listeners of which one has a full accept queue and the others are idle, as when one worker
/// hangs: a program on the group sends every connection to the first. Sums over the group hide it.
/// </summary>
internal sealed class OneFullOfGroup : Fault
{
    private readonly List<KernelSocket> _group = [];

    /// <summary>Makes it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="sockets">Sockets in the group.</param>
    /// <param name="backlog">Backlog of each.</param>
    /// <param name="clients">Clients that connect.</param>
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

    /// <summary>Where the group listens.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Backlog of each socket.</summary>
    public int Backlog { get; }

    /// <summary>Connections in the accept queue of the full one.</summary>
    public int Queued { get; }

    /// <summary>Clients whose SYN was dropped; each retries from a second later on.</summary>
    public int Refused { get; }

    /// <summary>Closes the full socket, as when the worker is restarted: its own count of drops is gone with it.</summary>
    public void CloseFull() => _group[0].Dispose();
}
