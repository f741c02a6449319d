using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Judges what was published last against what was published before, and publishes what it found. Calls must not
/// overlap. It may allocate: it runs once a minute, on no thread that samples.
/// </summary>
internal sealed partial class Examiner : IDisposable
{
    /// <summary>Counters whose every increment is a loss, or stands for one.</summary>
    public static IReadOnlyList<string> Losses { get; } =
    [
        "ListenOverflows", "ListenDrops", "TCPReqQFullDrop", "TCPReqQFullDoCookies", "SyncookiesFailed", "TCPTimeWaitOverflow",
        "TCPAbortOnMemory", "TCPAbortOnTimeout", "TCPMemoryPressures", "RcvPruned", "TCPRcvQDrop", "TCPBacklogDrop", "TCPZeroWindowDrop",
    ];

    private readonly GuardedSource _machine;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private HostSample _earlier = new();
    private HostSample _now = new();
    private long _earlierTimestamp;

    /// <summary>Makes an examiner that owns its source.</summary>
    /// <param name="machine">Reads the facts of the machine.</param>
    /// <param name="store">Where samples are taken from, and advice is published.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told when the source fails, when it is back, and of a rule that threw.</param>
    public Examiner(ISource machine, SampleStore store, TimeProvider time, ILogger<Examiner> logger)
    {
        _machine = new GuardedSource(machine, time, logger);
        _store = store;
        _time = time;
        _logger = logger;
    }

    /// <summary>Takes what was published last as the sample to compare the next one with.</summary>
    public void Begin()
    {
        Look();
        KeepAsEarlier();
    }

    /// <summary>Judges what was published since <see cref="Begin"/> or the last call, and publishes the outcome.</summary>
    /// <returns>The outcome.</returns>
    public Advice Examine()
    {
        Look();
        var context = new AdvisorContext(
            _now, _earlier, _time.GetElapsedTime(_earlierTimestamp), Environment.SystemPageSize, _store.LeastCloseWait(_earlier.SampledAt));
        var advice = new Advice
        {
            Status = _now.Kernel[SourceId.Advisor],
            Window = context.Window,
            UnixMilliseconds = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            Judged = [.. RuleBook.All.Select(rule => new Judged(rule, Judge(rule, context)))],
            IsPartial = IsPartial(_now),
            Counters = [.. Count(context)],
        };
        _store.Publish(advice, _machine.Statistics);
        KeepAsEarlier();
        return advice;
    }

    /// <inheritdoc/>
    public void Dispose() => _machine.Dispose();

    /// <summary>That a listener's limit is not told counts too: whether queues fill is the first thing to know.</summary>
    private static bool IsPartial(HostSample sample)
    {
        for (var id = SourceId.Sockets; id <= SourceId.Sweep; id++)
        {
            if (!sample.Status(id).IsOk)
            {
                return true;
            }
        }

        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            if (!listener.HasLimit)
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<CountedLoss> Count(AdvisorContext context)
    {
        foreach (var name in Losses)
        {
            if (context.TcpExt(name) is { } total and > 0)
            {
                yield return new CountedLoss("TcpExt" + name, total, context.TcpExtAdded(name) ?? 0);
            }
        }
    }

    private Judgement Judge(IRule rule, AdvisorContext context)
    {
        try
        {
            return rule.Judge(context);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // a bug of ours: it costs this rule, not the daemon
            LogThrew(_logger, rule.Id, e);
            return Judgement.CannotTell("the rule itself failed, which is a bug of this program");
        }
    }

    private void Look()
    {
        _store.CopyTo(_now);
        _machine.Read(_now.Kernel);
    }

    private void KeepAsEarlier()
    {
        (_earlier, _now) = (_now, _earlier);
        _earlierTimestamp = _time.GetTimestamp();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Rule {Rule} threw. This is a bug: please report it.")]
    private static partial void LogThrew(ILogger logger, string rule, Exception exception);
}
