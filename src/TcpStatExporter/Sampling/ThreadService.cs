using Microsoft.Extensions.Hosting;

namespace TcpStatExporter.Sampling;

/// <summary>
/// A service that runs on a thread of its own, so that no crowd of requests on the thread pool can delay it. Its end is
/// awaited by <see cref="Dispose"/>, for as long as <see cref="Patience"/> says.
/// </summary>
internal abstract class ThreadService : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private bool _isDisposed;

    /// <summary>Makes the service; it begins with <see cref="StartAsync"/>.</summary>
    /// <param name="name">Name of its thread.</param>
    protected ThreadService(string name) =>
        _thread = new Thread(() => Run(_stop.Token.WaitHandle)) { Name = name, IsBackground = true };

    /// <summary>How long the end of the thread is awaited; the process does not wait for it either.</summary>
    protected virtual TimeSpan Patience => Timeout.InfiniteTimeSpan;

    /// <summary>Starts the thread, where there is no host to do it.</summary>
    public void Start() => _thread.Start();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public virtual Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Cancel();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _stop.Cancel();
        if (!_thread.IsAlive || _thread.Join(Patience))
        {
            _stop.Dispose();
            OnDisposed();
        }
    }

    /// <summary>The thread has ended: what it used can go.</summary>
    protected virtual void OnDisposed()
    {
    }

    /// <summary>What the thread does.</summary>
    /// <param name="stopped">Signalled when it is to end.</param>
    protected abstract void Run(WaitHandle stopped);
}
