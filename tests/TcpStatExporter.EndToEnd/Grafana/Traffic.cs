using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// Clients that connect to a server at a steady rate and stay for one second, and a server that sometimes stops accepting for
/// some seconds. Its accept queue fills, overflows, and becomes empty again.
/// </summary>
internal sealed class Traffic : IDisposable
{
    public const int Port = 8080;

    private const int Backlog = 64;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener;
    private readonly Task _task;

    /// <summary>Starts the traffic.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="isStuck">Returns true while the server must not accept, by the time since the start.</param>
    public Traffic(NetNamespace ns, Func<TimeSpan, bool> isStuck)
    {
        _listener = ns.Run(Listen);
        _task = Task.Run(() => ns.Run(() => Run(isStuck)));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _task.GetAwaiter().GetResult();
        _listener.Dispose();
        _stop.Dispose();
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, Port));
        listener.Listen(Backlog);
        return listener;
    }

    private void Run(Func<TimeSpan, bool> isStuck)
    {
        var open = new Queue<(Socket Socket, TimeSpan Since)>();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!_stop.IsCancellationRequested)
        {
            var now = clock.Elapsed;
            open.Enqueue((Connect(), now));
            while (!isStuck(now) && _listener.Poll(0, SelectMode.SelectRead))
            {
                open.Enqueue((_listener.Accept(), now));
            }

            while (open.TryPeek(out var oldest) && now - oldest.Since > Stay)
            {
                open.Dequeue().Socket.Dispose();
            }

            _stop.Token.WaitHandle.WaitOne(Tick);
        }

        foreach (var (socket, _) in open)
        {
            socket.Dispose();
        }
    }

    private static Socket Connect()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            client.Connect(IPAddress.Loopback, Port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // the handshake continues by itself
        }

        return client;
    }
}
