using Microsoft.Extensions.Hosting;

namespace TcpStatExporter.Host;

/// <summary>Gives pages of the program's file back now and then: what a minute does not need is not kept.</summary>
/// <param name="time">The clock.</param>
internal sealed class PageRelease(TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>By then each part has done its work once, and most of what the start touched is not needed again.</summary>
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
