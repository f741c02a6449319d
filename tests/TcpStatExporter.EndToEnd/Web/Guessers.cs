using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>Clients that guess passwords, each from its own address, from 127.0.1.1 on, as fast as they are answered.</summary>
internal sealed class Guessers : IDisposable
{
    private readonly Thread[] _threads;
    private volatile bool _stopped;
    private int _answers;

    /// <summary>Starts the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">The server to attack.</param>
    /// <param name="user">The user whose password they guess.</param>
    /// <param name="count">Number of clients. At most 250.</param>
    public Guessers(NetNamespace ns, IPEndPoint server, string user, int count)
    {
        _threads =
        [
            .. Enumerable.Range(1, count).Select(number =>
                new Thread(() => ns.Run(() => Guess(server, user, new IPAddress([127, 0, 1, (byte)number])))) { IsBackground = true, Name = nameof(Guessers) }),
        ];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>Number of answers so far.</summary>
    public int Answers => Volatile.Read(ref _answers);

    public void Dispose()
    {
        _stopped = true;
        Array.ForEach(_threads, thread => thread.Join());
    }

    private void Guess(IPEndPoint server, string user, IPAddress own)
    {
        var buffer = new byte[1024];
        for (var i = 0; !_stopped; i++)
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 1_000 };
            try
            {
                socket.Bind(new IPEndPoint(own, 0));
                socket.Connect(server);
                var credentials = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{user}:{own}-{i}")));
                socket.Send(Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\n\r\n"));
                socket.Receive(buffer);
                Interlocked.Increment(ref _answers);
            }
            catch (SocketException)
            {
                // no answer within one second, or rejected
            }

            Thread.Sleep(TimeSpan.FromMilliseconds(10));
        }
    }
}
