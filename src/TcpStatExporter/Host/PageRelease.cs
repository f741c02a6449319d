using Microsoft.Extensions.Hosting;

namespace TcpStatExporter.Host;

/// <summary>
/// Gives memory back that only startup needed. The heap is compacted once. The program's file-backed pages are released every
/// minute: those that are still needed come back on use.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class PageRelease(TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>By then each part has run once, and most of what startup touched is no longer needed.</summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);

    private ITimer? _timer;
    private bool _isCompacted;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(static release => ((PageRelease)release!).Release(), this, SettlingTime, Pace);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Release()
    {
        if (!_isCompacted)
        {
            _isCompacted = true;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        FilePages.Release();
    }
}
