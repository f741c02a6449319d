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
internal sealed partial class GuardedSource : IDisposable
{
    private static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromSeconds(60);

    private readonly ISource _source;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ResiliencePipeline<ReadResult>? _breaker;
    private ReadResult _last;
    private SourceStatistics _statistics;
    private TcpSnapshot? _snapshot;
    private long _failures;

    public GuardedSource(ISource source, TimeProvider time, ILogger logger)
    {
        _source = source;
        _name = source.Id.Name();
        _time = time;
        _logger = logger;
        _statistics.Exists = true;
        _statistics.Method = source.Method;
    }

    /// <summary>Name of the source.</summary>
    public SourceId Id => _source.Id;

    /// <summary>Its statistics since the start.</summary>
    public ref readonly SourceStatistics Statistics => ref _statistics;

    /// <summary>
    /// Reads the source and sets its status. While its breaker is open, the source is not read and fails with the last
    /// reason.
    /// </summary>
    /// <param name="snapshot">The snapshot being filled.</param>
    /// <returns>True if its section holds current values.</returns>
    public bool Read(TcpSnapshot snapshot)
    {
        _snapshot = snapshot;
        var result = _breaker is null ? ReadNow() : Try(_breaker);
        snapshot[Id] = result;
        return result.IsOk;
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
            result = _source.Read(_snapshot!);
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
                LogThrew(_logger, _name, thrown);
            }
            else if (_failures == 0)
            {
                LogFailed(_logger, _name, result.Error.Name());
            }

            _failures++;
            _breaker ??= NewBreaker(_time);
        }
        else if (_failures > 0)
        {
            LogBack(_logger, _name, _failures);
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
