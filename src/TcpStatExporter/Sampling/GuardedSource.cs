using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// A source behind a circuit breaker: one that fails three times running within ten seconds is no longer asked each tick but
/// probed, after 5 s at first and then ever less often, up to a minute. Its failure is logged once, and its return once.
/// </summary>
/// <remarks>The breaker stands before a source that failed the last time, and before no other: it allocates as it keeps count.</remarks>
internal sealed partial class GuardedSource : IDisposable
{
    private static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromSeconds(60);

    private readonly ISource _source;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<ReadResult> _breaker;
    private ReadResult _last;
    private SourceStatistics _statistics;
    private TcpSnapshot? _snapshot;
    private long _failures;

    public GuardedSource(ISource source, TimeProvider time, ILogger logger)
    {
        _source = source;
        _name = source.Id.ToSnakeCase();
        _time = time;
        _logger = logger;
        _statistics.Exists = true;
        _statistics.Method = source.Method;
        _breaker = new ResiliencePipelineBuilder<ReadResult> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ReadResult>
            {
                FailureRatio = 1,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDurationGenerator = static args => ValueTask.FromResult(BreakAfter(args.HalfOpenAttempts)),
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Result.Status == SourceStatus.Failed),
            })
            .Build();
    }

    /// <summary>Name of the source.</summary>
    public SourceId Id => _source.Id;

    /// <summary>How it has fared since the start.</summary>
    public ref readonly SourceStatistics Statistics => ref _statistics;

    /// <summary>Reads the source, or leaves it alone while its breaker is open: it has failed then, for the last reason. Sets its status.</summary>
    /// <param name="snapshot">The snapshot being filled.</param>
    /// <returns>True if its section holds values of now.</returns>
    public bool Read(TcpSnapshot snapshot)
    {
        _snapshot = snapshot;
        if (_failures == 0)
        {
            var result = ReadNow();
            snapshot[Id] = result;
            return result.IsOk;
        }

        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, CancellationToken.None);
        var call = _breaker.ExecuteOutcomeAsync(static (_, self) => Outcome.FromResultAsValueTask(self.ReadNow()), context, this);
        var outcome = call.IsCompletedSuccessfully ? call.Result : call.AsTask().GetAwaiter().GetResult();
        ResilienceContextPool.Shared.Return(context);
        if (outcome.Exception is not null)
        {
            snapshot[Id] = _last;
            return false;
        }

        snapshot[Id] = outcome.Result;
        return outcome.Result.IsOk;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static TimeSpan BreakAfter(int probes) =>
        TimeSpan.FromTicks(Math.Min(LongestBreak.Ticks, FirstBreak.Ticks << Math.Min(probes, 10)));

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
            // a bug of ours: it costs this source, not the daemon
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
                LogFailed(_logger, _name, result.Error.ToSnakeCase());
            }

            _failures++;
        }
        else if (_failures > 0)
        {
            LogBack(_logger, _name, _failures);
            _failures = 0;
        }

        _last = result;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Source {Source} cannot be read: {Reason}. Its metrics are absent until it is back.")]
    private static partial void LogFailed(ILogger logger, string source, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Source {Source} is back after {Failures} failed reads.")]
    private static partial void LogBack(ILogger logger, string source, long failures);

    [LoggerMessage(Level = LogLevel.Error, Message = "Source {Source} threw, which is a bug: please report it. Its metrics are absent until it is back.")]
    private static partial void LogThrew(ILogger logger, string source, Exception exception);
}
