using System.Diagnostics;
using System.Net;
using System.Runtime.ExceptionServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Connections that come and go all the time: workers that connect, accept and close, the client first. Each worker has one
/// connection at any moment, and each connection leaves one socket in TIME_WAIT. They open some hundred connections per
/// second, and stop by themselves after a number of connections.
/// </summary>
internal sealed class Churn : IDisposable
{
    private const int PerSecond = 750;

    // makes bursts
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Thread[] _threads;
    private readonly long _started = Stopwatch.GetTimestamp();
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stop;
    private int _left;

    /// <summary>Starts the workers and waits until each of them listens.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="workers">Number of concurrent connections.</param>
    /// <param name="most">Number of connections after which it ends.</param>
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

    /// <summary>Number of concurrent connections.</summary>
    public int Workers { get; }

    /// <summary>Number of connections after which it ends.</summary>
    public int Most { get; }

    /// <summary>Number of connections so far.</summary>
    public int Begun => Most - Math.Max(0, _left);

    /// <summary>Stops the workers. Rethrows their exceptions.</summary>
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
