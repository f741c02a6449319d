using Microsoft.Extensions.Hosting;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>Has the daemon's samples judged once a minute, and a first time soon after the start.</summary>
/// <param name="examiner">Judges.</param>
/// <param name="store">Where the first sample appears, before which there is nothing to judge.</param>
/// <param name="time">The clock.</param>
internal sealed class AdvisorService(Examiner examiner, SampleStore store, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two judgements.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstSampleCheck = TimeSpan.FromMilliseconds(100);

    /// <summary>Long enough for a first sweep, short enough for a first scrape.</summary>
    private static readonly TimeSpan FirstWindow = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (store.Age(time) is null)
        {
            await Task.Delay(FirstSampleCheck, time, stoppingToken);
        }

        examiner.Begin();
        await Task.Delay(FirstWindow, time, stoppingToken);
        examiner.Examine();
        using var timer = new PeriodicTimer(Pace, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            examiner.Examine();
        }
    }
}
