using System.Diagnostics;
using System.Net;
using System.Runtime.ExceptionServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Connections that come and go all the time: workers that connect, accept, and close, the client first. At any moment
/// a worker has one connection, and each leaves one socket in TIME_WAIT. They begin some hundreds a second, and it
/// ends by itself after a number of connections.
/// </summary>
internal sealed class Churn : IDisposable
{
    private const int PerSecond = 750;

    // so that they come in bursts
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Thread[] _threads;
    private readonly long _started = Stopwatch.GetTimestamp();
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stop;
    private int _left;

    /// <summary>Begins it, and waits until each worker listens.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="workers">Connections at a time.</param>
    /// <param name="most">Connections after which it ends.</param>
    public Churn(NetNamespace ns, int workers = 2, int most = 30_000)
    {
        Workers = workers;
        Most = most;
        _left = most;
        using var listening = new CountdownEvent(workers);
        _threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(() => Work(ns, listening)) { IsBackground = true })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }

        if (!listening.Wait(Limit))
        {
            Stop();
            throw new TimeoutException("not every worker listens");
        }
    }

    /// <summary>Connections at a time.</summary>
    public int Workers { get; }

    /// <summary>Connections after which it ends.</summary>
    public int Most { get; }

    /// <summary>Connections begun so far.</summary>
    public int Begun => Most - Math.Max(0, _left);

    /// <summary>Ends it, and throws what went wrong in it.</summary>
    public void Stop()
    {
        _stop = true;
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _failure?.Throw();
    }

    public void Dispose()
    {
        _stop = true;
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work(NetNamespace ns, CountdownEvent listening)
    {
        try
        {
            ns.Run(() =>
            {
                using var listener = KernelSocket.Listener(IPAddress.Loopback, backlog: 4);
                listening.Signal();
                while (!_stop && Interlocked.Decrement(ref _left) >= 0)
                {
                    using (var client = KernelSocket.Connected(listener.LocalEndPoint))
                    using (var server = listener.Accept())
                    {
                        client.ShutdownSend();
                        server.WaitFor(TcpState.CloseWait);
                        server.ShutdownSend();
                        client.WaitFor(TcpState.Close);
                    }

                    while (!_stop && Begun > PerSecond * Stopwatch.GetElapsedTime(_started).TotalSeconds)
                    {
                        Thread.Sleep(Breath);
                    }
                }
            });
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
