using Microsoft.Extensions.Logging;
using Serilog.Events;

namespace TcpStatExporter.Commands;

/// <summary>Watches a host for a person instead of for Prometheus: all listeners, read often.</summary>
internal static partial class TimedRun
{
    /// <summary>Maximum number of listeners to read, the upper limit of the flag.</summary>
    private const int ListenersMax = 65_536;

    /// <summary>Listener reads between two samples. A listener dump costs next to nothing, and a burst is short.</summary>
    private const int LooksPerSample = 10;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the options adapted for a person.</summary>
    /// <param name="options">The options.</param>
    public static ExporterOptions Adapt(ExporterOptions options) => options with
    {
        // at the default level, the message about the source in use would come before the report, so show only warnings
        LogLevel = options.LogLevel == LogEventLevel.Information ? LogEventLevel.Warning : options.LogLevel,
        ListenersMax = Math.Max(options.ListenersMax, ListenersMax),
        ListenersInterval = options.ListenersInterval < Look ? options.ListenersInterval : Look,
    };

    /// <summary>
    /// Samples every second for some time, and sweeps at the start and at the end. Data that stays unread between the two
    /// sweeps shows an application that does not read. The first sweep also lets the following samples derive their states.
    /// The examiner starts at the same time.
    /// </summary>
    /// <param name="sampling">What samples.</param>
    /// <param name="time">How long to watch.</param>
    /// <param name="logger">For a debug message that says that counting starts.</param>
    public static async Task RunAsync(SamplingSetup sampling, TimeSpan time, ILogger logger)
    {
        sampling.Netns?.RunNow();
        sampling.NetnsAdvices?.Take();
        sampling.Sampler.Sample();
        sampling.Examiner.Begin();
        foreach (var one in sampling.NetnsAdvices?.All ?? [])
        {
            one.Judge.Examiner.Begin();
        }

        LogWatching(logger, time.TotalSeconds);
        sampling.Sweeper.Sweep();
        var end = sampling.Sampler.Now + time;
        for (var look = 1; sampling.Sampler.Now < end; look++)
        {
            var rest = end - sampling.Sampler.Now;
            await Task.Delay(rest < Look ? rest : Look);
            if (sampling.Sampler.HasQueues)
            {
                sampling.Sampler.LookAtQueues();
            }

            if (look % LooksPerSample == 0)
            {
                sampling.Sampler.Sample();
                sampling.Examiner.Observe();
                ObserveOthers(sampling);
            }
            else
            {
                sampling.Sampler.SampleListeners();
            }
        }

        sampling.Sampler.Sample();
        sampling.Sweeper.Sweep();
        sampling.Netns?.RunNow();
    }

    private static void ObserveOthers(SamplingSetup sampling)
    {
        _ = sampling.Netns?.RunDue();
        foreach (var one in sampling.NetnsAdvices?.All ?? [])
        {
            one.Judge.Examiner.Observe();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Watching for {Seconds} s.")]
    private static partial void LogWatching(ILogger logger, double seconds);
}
