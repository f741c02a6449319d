using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A server that accepts one connection at a time, clients that connect at their own rate, and how long each of them waited
/// from connect(2) to accept(2). Half of the clients close at once, so they wait in CLOSE_WAIT.
/// </summary>
internal sealed class SlowAcceptor : IDisposable
{
    private readonly ConcurrentDictionary<int, long> _connected = [];
    private readonly List<double> _waits = [];
    private readonly ConcurrentDictionary<int, Socket> _open = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _listener;
    private readonly Thread _server;
    private readonly Thread _clients;

    /// <summary>Starts server and clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="waitingFirst">Number of clients that connect before the first is accepted.</param>
    /// <param name="untilArrival">Time from one connect to the next.</param>
    /// <param name="service">Time from one accept to the next, given the time since the start.</param>
    /// <param name="backlog">Limit of the accept queue.</param>
    public SlowAcceptor(NetNamespace ns, int waitingFirst, Func<TimeSpan> untilArrival, Func<TimeSpan, TimeSpan> service, int backlog = 4096)
    {
        _listener = ns.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(backlog);
        Listener = (IPEndPoint)_listener.LocalEndPoint!;
        ns.Run(() =>
        {
            for (var i = 0; i < waitingFirst; i++)
            {
                Connect();
            }
        });
        _clients = Start(ns, () => RunClients(untilArrival));
        _server = Start(ns, () => RunServer(service));
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; }

    /// <summary>How long the accepted connections had waited, in seconds.</summary>
    public double[] Waits
    {
        get
        {
            lock (_waits)
            {
                return [.. _waits];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        _clients.Join();
        _server.Join();
        foreach (var socket in _open.Values)
        {
            socket.Dispose();
        }

        _stopping.Dispose();
    }

    private static Thread Start(NetNamespace ns, Action work)
    {
        var thread = new Thread(() => ns.Run(work)) { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>Each event has its own scheduled time, so a late one does not delay the next one.</summary>
    private void RunClients(Func<TimeSpan> untilArrival)
    {
        var start = Stopwatch.GetTimestamp();
        for (var due = untilArrival(); !IsStopped(due - Stopwatch.GetElapsedTime(start)); due += untilArrival())
        {
            Connect();
        }
    }

    private void RunServer(Func<TimeSpan, TimeSpan> service)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            do
            {
                using var accepted = _listener.Accept();
                var port = ((IPEndPoint)accepted.RemoteEndPoint!).Port;
                var wait = Stopwatch.GetElapsedTime(_connected[port]).TotalSeconds;
                if (_open.TryRemove(port, out var client))
                {
                    client.Dispose();
                }

                lock (_waits)
                {
                    _waits.Add(wait);
                }
            }
            while (!IsStopped(service(Stopwatch.GetElapsedTime(start))));
        }
        catch (SocketException) when (_stopping.IsCancellationRequested)
        {
            // closed meanwhile
        }
        catch (ObjectDisposedException) when (_stopping.IsCancellationRequested)
        {
            // closed earlier
        }
    }

    private bool IsStopped(TimeSpan pause) => pause > TimeSpan.Zero ? _stopping.Token.WaitHandle.WaitOne(pause) : _stopping.IsCancellationRequested;

    private void Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        _connected[port] = Stopwatch.GetTimestamp();
        try
        {
            socket.Connect(Listener);
        }
        catch (SocketException) when (_stopping.IsCancellationRequested)
        {
            // nobody listens any more
        }

        if (port % 2 == 0)
        {
            socket.Dispose();
        }
        else
        {
            // closed by the server once it is accepted, or at the end
            _open[port] = socket;
        }
    }
}
