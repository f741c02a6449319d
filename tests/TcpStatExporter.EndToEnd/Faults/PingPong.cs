using System.Net;
using System.Runtime.ExceptionServices;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Lasting connections over which a client and a server talk without a pause. The server reads at once. Not a fault.
/// </summary>
internal sealed class PingPong : IDisposable
{
    private readonly List<Thread> _threads = [];
    private readonly KernelSocket _listener;
    private ExceptionDispatchInfo? _failure;
    private int _rounds;
    private volatile bool _stop;

    /// <summary>Starts it.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="connections">Number of connections.</param>
    public PingPong(NetNamespace ns, int connections)
    {
        _listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, connections));
        Listener = _listener.LocalEndPoint;
        for (var i = 0; i < connections; i++)
        {
            var client = ns.Run(() => KernelSocket.Connected(Listener));
            var server = _listener.Accept();
            Begin(() => Talk(client, server));
        }
    }

    /// <summary>The address that the server listens on.</summary>
    public IPEndPoint Listener { get; }

    /// <summary>Number of answered requests so far.</summary>
    public int Rounds => _rounds;

    /// <summary>Stops it. Rethrows exceptions.</summary>
    public void Stop()
    {
        Dispose();
        _failure?.Throw();
    }

    public void Dispose()
    {
        _stop = true;
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _listener.Dispose();
    }

    private void Begin(Action work)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
            Name = nameof(PingPong),
        };
        _threads.Add(thread);
        thread.Start();
    }

    private void Talk(KernelSocket client, KernelSocket server)
    {
        using (client)
        using (server)
        {
            while (!_stop)
            {
                client.Send("question"u8);
                server.ReceiveAll("question"u8.Length);
                server.Send("answer"u8);
                client.ReceiveAll("answer"u8.Length);
                if (Interlocked.Increment(ref _rounds) % 100 == 0)
                {
                    // leaves CPU time for the rest of the machine
                    Thread.Sleep(1);
                }
            }
        }
    }
}
