using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A server with an idle timeout, and clients that send one request each and then keep their connection for as long as the
/// server does. Every other client does not notice the close: the server's socket stays in FIN_WAIT2.
/// </summary>
internal sealed class IdleTimeoutServer : IDisposable
{
    private const int MaxOpen = 60;

    private static readonly TimeSpan BetweenClients = TimeSpan.FromMilliseconds(100);

    private readonly Queue<(Socket Server, Socket Client, long Answered)> _open = new();
    private readonly List<Socket> _deaf = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _listener;
    private readonly TimeSpan _timeout;
    private readonly Thread _thread;
    private int _closed;

    /// <summary>Starts both.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="timeout">Time after the response at which the server closes.</param>
    public IdleTimeoutServer(NetNamespace ns, TimeSpan timeout)
    {
        _timeout = timeout;
        _listener = ns.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
        Listener = (IPEndPoint)_listener.LocalEndPoint!;
        _thread = new Thread(() => ns.Run(Run)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; }

    /// <summary>Connections that it has closed.</summary>
    public int Closed => Volatile.Read(ref _closed);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _thread.Join();
        _listener.Dispose();
        foreach (var (server, client, _) in _open)
        {
            server.Dispose();
            client.Dispose();
        }

        _deaf.ForEach(socket => socket.Dispose());
        _stopping.Dispose();
    }

    private void Run()
    {
        var last = 0L;
        while (!_stopping.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(10)))
        {
            if (_open.Count < MaxOpen && Stopwatch.GetElapsedTime(last) >= BetweenClients)
            {
                last = Stopwatch.GetTimestamp();
                Serve();
            }

            while (_open.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.Answered) >= _timeout)
            {
                Close(_open.Dequeue());
            }
        }
    }

    private void Serve()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(Listener);
        var server = _listener.Accept();
        var buffer = new byte[100];
        client.Send(buffer);
        _ = server.Receive(buffer);
        server.Send(buffer);
        _ = client.Receive(buffer);
        _open.Enqueue((server, client, Stopwatch.GetTimestamp()));
    }

    private void Close((Socket Server, Socket Client, long Answered) connection)
    {
        connection.Server.Dispose();
        if (++_closed % 2 == 0)
        {
            connection.Client.Dispose();
        }
        else
        {
            _deaf.Add(connection.Client);
        }
    }
}
