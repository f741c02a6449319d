using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Connections from one host to another over which nothing goes: some without keepalive, and some with it at the server's end.
/// Beside them one that is used, and one over loopback.
/// </summary>
internal sealed class IdleConnections : IDisposable
{
    /// <summary>Those without keepalive.</summary>
    public const int Silent = 3;

    /// <summary>Those with keepalive at the server's end. Its first probe comes after two hours.</summary>
    public const int KeptAlive = 2;

    private const int SoKeepAlive = 9;

    private readonly List<KernelSocket> _sockets = [];
    private readonly KernelSocket _busy;

    /// <summary>Opens them.</summary>
    /// <param name="server">The host that accepts.</param>
    /// <param name="client">The host that connects.</param>
    /// <param name="address">The server's address towards the client.</param>
    public IdleConnections(NetNamespace server, NetNamespace client, IPAddress address)
    {
        var listener = Keep(server.Run(() => KernelSocket.Listener(IPAddress.Any, backlog: 16)));
        Listener = new IPEndPoint(address, listener.LocalEndPoint.Port);
        for (var i = 0; i < Silent + KeptAlive; i++)
        {
            var (accepted, _) = Connect(listener, client, Listener);
            if (i < KeptAlive)
            {
                accepted.SetOption(Libc.SolSocket, SoKeepAlive, 1);
            }
        }

        Connect(listener, server, new IPEndPoint(IPAddress.Loopback, Listener.Port));
        (_, _busy) = Connect(listener, client, Listener);
    }

    /// <summary>Where the server listens, as the client sees it.</summary>
    public IPEndPoint Listener { get; }

    /// <summary>Sends something over the connection that is in use.</summary>
    public void UseTheBusyOne() => _busy.Send("x"u8);

    /// <inheritdoc/>
    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private (KernelSocket Accepted, KernelSocket Opened) Connect(KernelSocket listener, NetNamespace from, IPEndPoint to)
    {
        var opened = Keep(from.Run(() => KernelSocket.Connected(to)));
        return (Keep(listener.Accept()), opened);
    }

    private KernelSocket Keep(KernelSocket socket)
    {
        _sockets.Add(socket);
        return socket;
    }
}
