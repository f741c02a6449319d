using Microsoft.Extensions.Logging;
using Serilog.Events;

namespace TcpStatExporter.Commands;

/// <summary>Watching a host for a person, rather than for Prometheus: every listener, and looks at them often.</summary>
internal static partial class TimedRun
{
    /// <summary>All listeners are looked at, as far as the flag goes that bounds their series.</summary>
    private const int ListenersMax = 65_536;

    /// <summary>Looks at listeners between two samples, since a dump of them costs next to nothing and a burst is short.</summary>
    private const int LooksPerSample = 10;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>What the command line asked for, as far as it was meant for a person.</summary>
    /// <param name="options">What it asked for.</param>
    public static ExporterOptions Adapt(ExporterOptions options) => options with
    {
        // which source is used, and that it is, would stand above what was asked for: only what goes wrong is told
        LogLevel = options.LogLevel == LogEventLevel.Information ? LogEventLevel.Warning : options.LogLevel,
        ListenersMax = Math.Max(options.ListenersMax, ListenersMax),
        ListenersInterval = options.ListenersInterval < Look ? options.ListenersInterval : Look,
    };

    /// <summary>
    /// Samples each second for a time, and sweeps at its start and its end: what was not read in between tells of an
    /// application that does not read, and the first one lets the samples after it derive their states. The examiner
    /// begins at its start.
    /// </summary>
    /// <param name="sampling">What samples.</param>
    /// <param name="time">How long.</param>
    /// <param name="logger">Told, for debugging, that what happens from now on counts.</param>
    public static async Task RunAsync(SamplingSetup sampling, TimeSpan time, ILogger logger)
    {
        sampling.Sampler.Sample();
        sampling.Examiner.Begin();
        LogWatching(logger, time.TotalSeconds);
        sampling.Sweeper.Sweep();
        var end = sampling.Sampler.Now + time;
        for (var look = 1; sampling.Sampler.Now < end; look++)
        {
            var rest = end - sampling.Sampler.Now;
            await Task.Delay(rest < Look ? rest : Look);
            if (look % LooksPerSample == 0)
            {
                sampling.Sampler.Sample();
                sampling.Examiner.Observe();
            }
            else
            {
                sampling.Sampler.SampleListeners();
            }
        }

        sampling.Sampler.Sample();
        sampling.Sweeper.Sweep();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Watching for {Seconds} s.")]
    private static partial void LogWatching(ILogger logger, double seconds);
}
