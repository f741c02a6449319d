using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>
/// A client that opens connections as fast as it can, says something on each and never again, and lets go of none but
/// the oldest beyond its limit. It goes on until it is told to hold still.
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

    /// <summary>Starts it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="server">Whom it is at.</param>
    /// <param name="limit">Connections that it holds.</param>
    /// <param name="says">What it says on each.</param>
    public ConnectionStorm(NetNamespace ns, IPEndPoint server, int limit, byte[] says)
    {
        _server = server;
        _limit = limit;
        _says = says;
        _thread = new Thread(() => ns.Run(Open)) { IsBackground = true, Name = nameof(ConnectionStorm) };
        _thread.Start();
    }

    /// <summary>Connections that were made so far.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Opens no more, and holds what it has.</summary>
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
                // turned away before all was said
            }

            if (_held.Count > _limit)
            {
                _held.Dequeue().Dispose();
            }
        }
    }
}
