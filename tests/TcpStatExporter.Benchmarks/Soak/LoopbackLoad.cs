using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Benchmarks.Soak;

/// <summary>
/// A small version of a host's normal day: connections and listeners come and go, and every minute a listener stops accepting
/// for a while and loses some connections. All on loopback, bounded, and the same every minute.
/// </summary>
internal sealed class LoopbackLoad : IDisposable
{
    private const int ConnectionsPerRound = 10;
    private const int RoundsPerMinute = 1200;
    private const int ListenersThatGo = 5;
    private const int Backlog = 8;
    private const int Crowd = 20;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(50);

    private readonly ListenerSet _idle = new(50);
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <summary>Starts the load.</summary>
    public LoopbackLoad()
    {
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Number of connections so far.</summary>
    public long Connections { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _idle.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static Socket Listen(int backlog)
    {
        var socket = NewSocket();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(backlog);
        return socket;
    }

    private void Run()
    {
        using var server = Listen(128);
        ListenerSet? passing = null;
        for (var round = 0L; !_stop; round++)
        {
            for (var i = 0; i < ConnectionsPerRound; i++)
            {
                ConnectAndClose(server);
            }

            if (round % (RoundsPerMinute / 6) == 0)
            {
                passing?.Dispose();
                passing = new ListenerSet(ListenersThatGo);
            }

            if (round % RoundsPerMinute == 0)
            {
                Overflow();
            }

            Thread.Sleep(Round);
        }

        passing?.Dispose();
    }

    /// <summary>The client closes first, so its end stays in TIME_WAIT for one minute.</summary>
    private void ConnectAndClose(Socket server)
    {
        using var client = NewSocket();
        client.Connect(server.LocalEndPoint!);
        using var accepted = server.Accept();
        client.Shutdown(SocketShutdown.Both);
        Connections++;
    }

    /// <summary>Opens more connections than the queue holds. None is accepted.</summary>
    private void Overflow()
    {
        using var full = Listen(Backlog);
        var clients = Enumerable.Range(0, Crowd).Select(_ => NewSocket()).ToArray();
        foreach (var client in clients)
        {
            client.Blocking = false;
            try
            {
                client.Connect(full.LocalEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // in progress: those that do not fit retry until they are closed
            }
        }

        Thread.Sleep(TimeSpan.FromSeconds(3));
        Array.ForEach(clients, client => client.Dispose());
        Connections += Crowd;
    }
}
