using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>
/// A client that opens connections as fast as it can and sends something once on each of them. It keeps all of them up to its
/// limit, and closes the oldest beyond that. It continues until <see cref="HoldStill"/>.
/// </summary>
internal sealed class ConnectionStorm : IDisposable
{
    private readonly Queue<Socket> _held = new();
    private readonly IPEndPoint _server;
    private readonly byte[] _says;
    private readonly int _limit;
    private readonly Thread _thread;
    private volatile bool _stopped;
    private int _opened;

    /// <summary>Starts the storm.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">The server to attack.</param>
    /// <param name="limit">Number of connections that it holds.</param>
    /// <param name="says">What it sends on each.</param>
    public ConnectionStorm(NetNamespace ns, IPEndPoint server, int limit, byte[] says)
    {
        _server = server;
        _limit = limit;
        _says = says;
        _thread = new Thread(() => ns.Run(Open)) { IsBackground = true, Name = nameof(ConnectionStorm) };
        _thread.Start();
    }

    /// <summary>Number of connections so far.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Opens no more connections, and holds those it has.</summary>
    public void HoldStill()
    {
        _stopped = true;
        _thread.Join();
    }

    public void Dispose()
    {
        HoldStill();
        foreach (var socket in _held)
        {
            socket.Dispose();
        }
    }

    private void Open()
    {
        while (!_stopped)
        {
            var socket = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 500, NoDelay = true };
            _held.Enqueue(socket);
            try
            {
                socket.Connect(_server);
                _opened++;
                socket.Send(_says);
            }
            catch (SocketException)
            {
                // rejected before everything was sent
            }

            if (_held.Count > _limit)
            {
                _held.Dequeue().Dispose();
            }
        }
    }
}
