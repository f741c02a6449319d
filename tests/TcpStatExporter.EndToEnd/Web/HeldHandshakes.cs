using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>Clients that complete their TLS handshakes one after another and then hold the connections.</summary>
internal sealed class HeldHandshakes : IDisposable
{
    private readonly Queue<SslStream> _held = new();
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Starts the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">The server to attack.</param>
    /// <param name="limit">Number of connections that they hold.</param>
    public HeldHandshakes(NetNamespace ns, IPEndPoint server, int limit)
    {
        _thread = new Thread(() => ns.Run(() => Hold(server, limit))) { IsBackground = true, Name = nameof(HeldHandshakes) };
        _thread.Start();
    }

    /// <summary>Number of completed handshakes.</summary>
    public int Finished { get; private set; }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        foreach (var stream in _held)
        {
            stream.Dispose();
        }
    }

    private void Hold(IPEndPoint server, int limit)
    {
        while (!_stopped)
        {
            var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 5_000 };
            try
            {
                socket.Connect(server);
                var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable));
                _held.Enqueue(stream);
                stream.AuthenticateAsClient("localhost");
                Finished++;
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
            {
                // rejected
                socket.Dispose();
            }

            if (_held.Count > limit)
            {
                _held.Dequeue().Dispose();
            }
        }
    }
}
