using Microsoft.Extensions.Hosting;

namespace TcpStatExporter.Sampling;

/// <summary>
/// A background service on a thread of its own, so that no crowd of requests on the thread pool can delay it. Its end is
/// awaited by <see cref="Dispose"/>, for as long as <see cref="Patience"/> says.
/// </summary>
/// <param name="name">Name of its thread.</param>
internal abstract class ThreadService(string name) : BackgroundService
{
    private bool _isDisposed;

    /// <summary>How long the end of the thread is awaited; the process does not wait for it either.</summary>
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

    /// <summary>The thread has ended: what it used can go.</summary>
    protected virtual void OnDisposed()
    {
    }

    /// <summary>What the thread does. What it throws ends the process.</summary>
    /// <param name="stopped">Signalled when it is to end.</param>
    protected abstract void Run(WaitHandle stopped);

    /// <inheritdoc/>
    protected sealed override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ended = new TaskCompletionSource();
        var thread = new Thread(RunToEnd) { Name = name, IsBackground = true };
        thread.Start();
        return ended.Task;

        void RunToEnd()
        {
            Run(stoppingToken.WaitHandle);
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
            // told to stop before the thread began
            return true;
        }
    }
}
