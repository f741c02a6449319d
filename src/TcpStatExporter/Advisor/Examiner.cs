using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Judges what was published last against what was published before, and publishes what it found. Calls must not
/// overlap. It may allocate a little: it runs on no thread that samples.
/// </summary>
internal sealed partial class Examiner : IDisposable
{
    /// <summary>Counters that the doctor shows: losses, and what tells of trouble without being one.</summary>
    private static readonly string[] Shown =
    [
        "ListenOverflows", "ListenDrops", "TCPReqQFullDrop", "TCPReqQFullDoCookies", "SyncookiesFailed", "TCPTimeWaitOverflow",
        "TCPAbortOnMemory", "TCPAbortOnTimeout", "TCPMemoryPressures", "RcvPruned", "TCPRcvQDrop", "TCPBacklogDrop", "TCPZeroWindowDrop",
    ];

    private static readonly TimeSpan Recently = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Slowly = TimeSpan.FromMinutes(5);

    /// <summary>The facts of the machine hardly change, and cost as much to read as a tick.</summary>
    private static readonly TimeSpan MachinePace = TimeSpan.FromSeconds(10);

    private readonly GuardedSource _machine;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HostSample _now = new();
    private readonly Past _past = new();
    private readonly Bursts _bursts = new();
    private readonly Departures _departures = new();
    private readonly Falls _falls = new();
    private readonly Mark _begin = new();
    private readonly HashSet<string> _threw = new(StringComparer.Ordinal);
    private long? _machineRead;

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

    /// <summary>Counters whose every increment is a loss.</summary>
    public static IReadOnlyList<string> Losses { get; } = [.. Shown.Except(["TCPReqQFullDoCookies", "SyncookiesFailed", "TCPMemoryPressures"], StringComparer.Ordinal)];

    /// <summary>Takes what was published last as the beginning of what <see cref="Examine"/> judges.</summary>
    public void Begin()
    {
        Observe(isMachineRead: true);
        _begin.Take(_now);
    }

    /// <summary>Takes a tick without judging it: what happens between <see cref="Begin"/> and <see cref="Examine"/> is remembered.</summary>
    public void Observe() => Observe(isMachineRead: false);

    /// <summary>Judges all that happened since <see cref="Begin"/>, and publishes the outcome.</summary>
    /// <returns>The outcome.</returns>
    public Advice Examine()
    {
        Observe(isMachineRead: true);
        var whole = new Stretch(_now, _begin, _now.SampledAt - _begin.At);
        return Judge(whole, whole, whole, areCountersTold: true);
    }

    /// <summary>Takes a tick and judges it against the seconds and minutes before it, and publishes the outcome.</summary>
    /// <returns>The outcome; none at the first tick, which has nothing before it.</returns>
    public Advice? Follow()
    {
        Observe(isMachineRead: _machineRead is not { } read || _time.GetElapsedTime(read) >= MachinePace);
        if (_past.Before(_now.SampledAt, Recently) is not { } recent)
        {
            return null;
        }

        var lately = _past.Before(_now.SampledAt, Lately)!;
        var slow = _past.Before(_now.SampledAt, Slowly)!;
        return Judge(Since(recent), Since(lately), Since(slow), areCountersTold: false);
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

    private static List<CountedLoss> Count(AdvisorContext context)
    {
        var counted = new List<CountedLoss>();
        foreach (var name in Shown)
        {
            if (context.TcpExt(name) is { } total and > 0)
            {
                counted.Add(new CountedLoss("TcpExt" + name, total, context.Recent.TcpExt(name) ?? 0));
            }
        }

        return counted;
    }

    private Stretch Since(Mark mark) => new(_now, mark, _now.SampledAt - mark.At);

    private Advice Judge(Stretch recent, Stretch lately, Stretch slow, bool areCountersTold)
    {
        _departures.Observe(_now, recent);
        _falls.Observe(_now, recent, lately);
        var context = new AdvisorContext(_now, recent, lately, slow)
        {
            LeastSeenCloseWait = _store.LeastCloseWait(lately.Before.At),
            Bursts = _bursts,
            Departures = _departures,
            Falls = _falls,
        };
        var advice = Make(context, rule => Judge(rule, context)) with
        {
            Status = _now.Kernel[SourceId.Advisor],
            UnixMilliseconds = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            Counters = areCountersTold ? Count(context) : [],
        };
        _store.Publish(advice, _machine.Statistics);
        return advice;
    }

    /// <summary>What rules make of a context.</summary>
    /// <param name="context">What is known of the host.</param>
    /// <param name="judge">Has a rule judge it.</param>
    internal static Advice Make(AdvisorContext context, Func<IRule, Judgement> judge)
    {
        var judged = new Judged[RuleBook.All.Count];
        List<Found>? findings = null;
        List<Found>? common = null;
        for (var i = 0; i < judged.Length; i++)
        {
            var rule = RuleBook.All[i];
            judged[i] = new Judged(rule, judge(rule));
            if (judged[i].Judgement.Finding is { } finding)
            {
                (rule.IsCommon ? common ??= [] : findings ??= []).Add(new Found(rule, finding));
            }
        }

        // the sort is stable: of those that lose alike the rule book has the order
        IReadOnlyList<Found> sorted = findings is null ? [] : [.. findings.OrderByDescending(found => found.Rule.Severity).ThenByDescending(found => found.Finding.Lost)];
        return new Advice
        {
            Status = default,
            Window = context.Recent.Time,
            UnixMilliseconds = 0,
            Judged = judged,
            Findings = sorted,
            Common = common ?? [],
            Verdict = VerdictMaker.Make(context, sorted),
            Suspects = context.Suspects,
            IsPartial = IsPartial(context.Now),
            Counters = [],
        };
    }

    private Judgement Judge(IRule rule, AdvisorContext context)
    {
        try
        {
            return rule.Judge(context);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // a bug of ours: it costs this rule, not the daemon, and is told once, not each second
            if (_threw.Add(rule.Id))
            {
                LogThrew(_logger, rule.Id, e);
            }

            return Judgement.CannotTell("the rule itself failed, which is a bug of this program");
        }
    }

    private void Observe(bool isMachineRead)
    {
        // the copy brings the machine as the sampler knows it, which is not at all
        var machine = _now.Kernel.Machine;
        var status = _now.Kernel[SourceId.Advisor];
        _store.CopyTo(_now);
        if (isMachineRead)
        {
            _machine.Read(_now.Kernel);
            _machineRead = _time.GetTimestamp();
        }
        else
        {
            _now.Kernel.Machine = machine;
            _now.Kernel[SourceId.Advisor] = status;
        }

        _past.Observe(_now);
        _bursts.Observe(_now);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Rule {Rule} threw. This is a bug: please report it.")]
    private static partial void LogThrew(ILogger logger, string rule, Exception exception);
}
