using Microsoft.Extensions.Hosting;

namespace TcpStatExporter.Sampling;

/// <summary>
/// A background service on a separate thread, so many requests on the thread pool cannot delay it. <see cref="Dispose"/>
/// waits for its end, for at most <see cref="Patience"/>.
/// </summary>
/// <param name="name">Name of its thread.</param>
internal abstract class ThreadService(string name) : BackgroundService
{
    private bool _isDisposed;

    /// <summary>How long to wait for the end of the thread. The process does not wait longer either.</summary>
    protected virtual TimeSpan Patience => Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        base.Dispose();
        if (HasEnded())
        {
            OnDisposed();
        }
    }

    /// <summary>The thread has ended, so its resources can be disposed.</summary>
    protected virtual void OnDisposed()
    {
    }

    /// <summary>The work of the thread. An exception ends the process.</summary>
    /// <param name="stopping">Cancelled when it should end.</param>
    protected abstract void Run(CancellationToken stopping);

    /// <inheritdoc/>
    protected sealed override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ended = new TaskCompletionSource();
        var thread = new Thread(RunToEnd) { Name = name, IsBackground = true };
        thread.Start();
        return ended.Task;

        void RunToEnd()
        {
            Run(stoppingToken);
            ended.SetResult();
        }
    }

    private bool HasEnded()
    {
        try
        {
            return ExecuteTask?.Wait(Patience) != false;
        }
        catch (AggregateException)
        {
            // stopped before the thread began
            return true;
        }
    }
}
