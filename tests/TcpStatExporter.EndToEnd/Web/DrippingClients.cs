using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>Clients that send their headers byte by byte and reconnect when they are rejected.</summary>
internal sealed class DrippingClients : IDisposable
{
    private static readonly byte[] Byte = "a"u8.ToArray();
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly Socket?[] _clients;
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Starts the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">The server to attack.</param>
    /// <param name="count">Number of clients.</param>
    public DrippingClients(NetNamespace ns, IPEndPoint server, int count)
    {
        _clients = new Socket?[count];
        _thread = new Thread(() => ns.Run(() => Drip(server))) { IsBackground = true, Name = nameof(DrippingClients) };
        _thread.Start();
    }

    /// <summary>How often a client was rejected.</summary>
    public int TurnedAway { get; private set; }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        foreach (var client in _clients)
        {
            client?.Dispose();
        }
    }

    private void Drip(IPEndPoint server)
    {
        while (!_stopped)
        {
            for (var i = 0; i < _clients.Length; i++)
            {
                try
                {
                    if (_clients[i] is { } client)
                    {
                        client.Send(Byte);
                        continue;
                    }

                    _clients[i] = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    _clients[i]!.Connect(server);
                    _clients[i]!.Send("GET /metrics HTTP/1.1\r\nX-Slow: "u8);
                }
                catch (SocketException)
                {
                    _clients[i]?.Dispose();
                    _clients[i] = null;
                    TurnedAway++;
                }
            }

            Thread.Sleep(Pace);
        }
    }
}
