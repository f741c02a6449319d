using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// A source that may fail. After a failure, it has a circuit breaker until it is back: after three consecutive failures
/// within ten seconds, it is no longer read in each tick but probed, first after 5 s, then less and less often, down to once
/// a minute. Its failure is logged once, and its return once.
/// </summary>
/// <typeparam name="T">What the source fills.</typeparam>
internal partial class Guard<T> : IDisposable
    where T : class
{
    private static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromSeconds(60);

    private readonly ISourceOf<T> _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ResiliencePipeline<ReadResult>? _breaker;
    private ReadResult _last;
    private SourceStatistics _statistics;
    private T? _sample;
    private long _failures;

    /// <summary>Guards a source, and owns it.</summary>
    /// <param name="source">The source.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs when the source fails and when it is back.</param>
    public Guard(ISourceOf<T> source, TimeProvider time, ILogger logger)
    {
        _source = source;
        _time = time;
        _logger = logger;
        _statistics.Exists = true;
        _statistics.Method = source.Method;
    }

    /// <summary>Its statistics since the start.</summary>
    public ref readonly SourceStatistics Statistics => ref _statistics;

    /// <summary>Reads the source. While its breaker is open, the source is not read and fails with the last reason.</summary>
    /// <param name="sample">What to fill.</param>
    /// <returns>The result.</returns>
    public ReadResult ReadInto(T sample)
    {
        _sample = sample;
        return _breaker is null ? ReadNow() : Try(_breaker);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static TimeSpan BreakAfter(int probes) =>
        TimeSpan.FromTicks(Math.Min(LongestBreak.Ticks, FirstBreak.Ticks << Math.Min(probes, 10)));

    private static ResiliencePipeline<ReadResult> NewBreaker(TimeProvider time) =>
        new ResiliencePipelineBuilder<ReadResult> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ReadResult>
            {
                FailureRatio = 1,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDurationGenerator = static args => ValueTask.FromResult(BreakAfter(args.HalfOpenAttempts)),
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Result.Status == SourceStatus.Failed),
            })
            .Build();

    /// <summary>Reads the source if the breaker allows it. Otherwise it fails with the last reason.</summary>
    private ReadResult Try(ResiliencePipeline<ReadResult> breaker)
    {
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        var outcome = breaker.ExecuteOutcomeAsync(static (_, self) => Outcome.FromResultAsValueTask(self.ReadNow()), context, this).AsTask().GetAwaiter().GetResult();
        ResilienceContextPool.Shared.Return(context);
        return outcome.Exception is null ? outcome.Result : _last;
    }

    private ReadResult ReadNow()
    {
        var start = _time.GetTimestamp();
        ReadResult result;
        Exception? thrown = null;
        try
        {
            result = _source.Read(_sample!);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // a bug in the exporter: it disables only this source, not the daemon
            thrown = e;
            result = ReadResult.Failed(SourceError.Internal);
        }

        _statistics.Method = _source.Method;
        _statistics.Durations.Observe(SourceStatistics.DurationBounds, _time.GetElapsedTime(start).TotalSeconds);
        Note(result, thrown);
        return result;
    }

    private void Note(ReadResult result, Exception? thrown)
    {
        if (result.Error != SourceError.None)
        {
            _statistics[result.Error]++;
        }

        if (result.Status == SourceStatus.Failed)
        {
            if (thrown is not null && _last.Error != SourceError.Internal)
            {
                LogThrew(_logger, _source.Name, thrown);
            }
            else if (_failures == 0)
            {
                LogFailed(_logger, _source.Name, result.Error.Name());
            }

            _failures++;
            _breaker ??= NewBreaker(_time);
        }
        else if (_failures > 0)
        {
            LogBack(_logger, _source.Name, _failures);
            _failures = 0;
            _breaker = null;
        }

        _last = result;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Source {Source} cannot be read: {Reason}. Its metrics are absent until it can be read again.")]
    private static partial void LogFailed(ILogger logger, string source, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Source {Source} can be read again, after {Failures} failed reads.")]
    private static partial void LogBack(ILogger logger, string source, long failures);

    [LoggerMessage(Level = LogLevel.Error, Message = "Source {Source} threw an exception. This is a bug, please report it. Its metrics are absent until it can be read again.")]
    private static partial void LogThrew(ILogger logger, string source, Exception exception);
}
