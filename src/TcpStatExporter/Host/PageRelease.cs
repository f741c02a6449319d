using Microsoft.Extensions.Hosting;

namespace TcpStatExporter.Host;

/// <summary>
/// Releases the program's file-backed pages every minute. Pages that are still needed come back on use. The others do not
/// stay resident.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class PageRelease(TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>By then each part has run once, and most of what startup touched is no longer needed.</summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);

    private ITimer? _timer;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(static _ => FilePages.Release(), state: null, SettlingTime, Pace);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();
}
