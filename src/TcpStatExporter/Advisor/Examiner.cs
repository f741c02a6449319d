using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Compares the last published sample with earlier ones, runs the rules, and publishes the advice. Calls must not overlap. It
/// may allocate a little, because it does not run on a sampling thread.
/// </summary>
internal sealed partial class Examiner : IDisposable
{
    /// <summary>Counters that doctor shows: losses, and other signs of problems.</summary>
    private static readonly string[] Shown =
    [
        "ListenOverflows", "ListenDrops", "TCPReqQFullDrop", "TCPReqQFullDoCookies", "SyncookiesFailed", "TCPTimeWaitOverflow",
        "TCPAbortOnMemory", "TCPAbortOnTimeout", "TCPMemoryPressures", "RcvPruned", "TCPRcvQDrop", "TCPBacklogDrop", "TCPZeroWindowDrop",
    ];

    /// <summary>The same for UDP. InErrors is not included: it is their sum plus what sockets reject on purpose.</summary>
    private static readonly string[] ShownOfUdp = ["RcvbufErrors", "SndbufErrors", "MemErrors", "InCsumErrors"];

    private static readonly TimeSpan Recently = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Slowly = TimeSpan.FromMinutes(5);

    /// <summary>Findings that most hosts have are shown only on request, and cost more to check than all others.</summary>
    private static readonly TimeSpan CommonPace = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<IRule> _rules;
    private readonly SampleStore _store;
    private readonly AdviceStore _advice;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Past _past = new();
    private readonly Bursts _bursts = new();
    private readonly Departures _departures = new();
    private readonly Falls _falls = new();
    private readonly Mark _begin = new();
    private readonly Dictionary<IRule, RuleResult> _common = [];
    private readonly HashSet<string> _threw = new(StringComparer.Ordinal);
    private SampleLease? _lease;
    private TimeSpan? _commonJudged;

    /// <summary>Creates an examiner.</summary>
    /// <param name="rules">The rules. With equal losses, findings are in this order.</param>
    /// <param name="store">Where samples are published.</param>
    /// <param name="advice">Where to publish advice.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Logs a rule that threw an exception.</param>
    public Examiner(IReadOnlyList<IRule> rules, SampleStore store, AdviceStore advice, TimeProvider time, ILogger<Examiner> logger)
    {
        _rules = rules;
        _store = store;
        _advice = advice;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc cref="AdvisorContext.Place"/>
    public string Place { get; init; } = "this host";

    /// <summary>Location of the findings' runbooks.</summary>
    public Runbooks Runbooks { get; init; } = Runbooks.Default;

    /// <summary>Counters in which every increment is a loss, by their names in nstat(8).</summary>
    public static IReadOnlyList<string> Losses { get; } =
    [
        .. Shown.Except(["TCPReqQFullDoCookies", "SyncookiesFailed", "TCPMemoryPressures"], StringComparer.Ordinal).Select(name => "TcpExt" + name),
        .. ShownOfUdp.Select(name => "Udp" + name),
        .. ShownOfUdp.Select(name => "Udp6" + name),
    ];

    /// <summary>Makes the last published sample the start of what <see cref="Examine"/> judges.</summary>
    public void Begin()
    {
        Observe();
        _begin.Take(Now);
    }

    /// <summary>
    /// Records a tick without judging it. It counts as part of the time between <see cref="Begin"/> and <see
    /// cref="Examine"/>.
    /// </summary>
    public void Observe()
    {
        _lease?.Dispose();
        _lease = _store.Take();
        if (_past.Before(Now.SampledAt, Recently) is { } recent)
        {
            _departures.Observe(Now, Since(recent));
            _falls.Observe(Now, Since(recent), Since(_past.Before(Now.SampledAt, Lately)!));
        }

        _past.Observe(Now);
        _bursts.Observe(Now);
    }

    /// <summary>Judges everything since <see cref="Begin"/> and publishes the result.</summary>
    /// <returns>The result.</returns>
    public Advice Examine()
    {
        Observe();
        _common.Clear();
        var whole = new Stretch(Now, _begin, Now.SampledAt - _begin.At);
        return Judge(whole, whole, whole, areCountersTold: true);
    }

    /// <summary>Records a tick, judges it against the seconds and minutes before it, and publishes the result.</summary>
    /// <returns>The result. Null for the first tick, because there is nothing before it.</returns>
    public Advice? Follow()
    {
        Observe();
        if (_past.Before(Now.SampledAt, Recently) is not { } recent)
        {
            return null;
        }

        if (_commonJudged is not { } judged || Now.SampledAt - judged >= CommonPace)
        {
            _common.Clear();
            _commonJudged = Now.SampledAt;
        }

        var lately = _past.Before(Now.SampledAt, Lately)!;
        var slow = _past.Before(Now.SampledAt, Slowly)!;
        return Judge(Since(recent), Since(lately), Since(slow), areCountersTold: false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lease?.Dispose();
        _lease = null;
    }

    /// <summary>An unknown queue limit counts too: whether queues fill up is the most important question.</summary>
    private static bool IsPartial(NamespaceSample sample)
    {
        if (!sample.Status(SourceId.Sweep).IsOk)
        {
            return true;
        }

        foreach (var id in VerdictMaker.Needed)
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
            Add("TcpExt" + name, context.TcpExt(name), context.Recent.TcpExt(name));
        }

        foreach (var name in ShownOfUdp)
        {
            Add("Udp" + name, context.Udp(name), context.Recent.Udp(name));
            Add("Udp6" + name, context.Udp6(name), context.Recent.Udp6(name));
        }

        for (var i = 0; i < QueueCounter.All.Count; i++)
        {
            Add(QueueCounter.All[i].Name, QueueCounter.All[i].Of(context.Now), context.Recent.Queue(i));
        }

        return counted;

        void Add(string name, ulong? total, ulong? added)
        {
            if (total is > 0)
            {
                counted.Add(new CountedLoss(name, total.Value, added ?? 0));
            }
        }
    }

    /// <summary>The sample that is judged.</summary>
    private NamespaceSample Now => _lease!.Value.Sample;

    private Stretch Since(Mark mark) => new(Now, mark, Now.SampledAt - mark.At);

    private Advice Judge(Stretch recent, Stretch lately, Stretch slow, bool areCountersTold)
    {
        var context = new AdvisorContext(Now, recent, lately, slow)
        {
            LeastSeenCloseWait = _store.LeastCloseWait(lately.Before.At),
            Place = Place,
            Bursts = _bursts,
            Departures = _departures,
            Falls = _falls,
        };
        var advice = Make(_rules, context, rule => Judge(rule, context)) with
        {
            UnixMilliseconds = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            Counters = areCountersTold ? Count(context) : [],
            Runbooks = Runbooks,
        };
        _advice.Publish(advice);
        return advice;
    }

    /// <summary>Builds the advice from the results of the rules.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="context">What is known of the host.</param>
    /// <param name="judge">Runs a rule.</param>
    internal static Advice Make(IReadOnlyList<IRule> rules, AdvisorContext context, Func<IRule, RuleResult> judge)
    {
        var judged = new JudgedRule[rules.Count];
        List<RuleFinding>? findings = null;
        List<RuleFinding>? common = null;
        for (var i = 0; i < judged.Length; i++)
        {
            var rule = rules[i];
            judged[i] = new JudgedRule(rule, judge(rule));
            if (judged[i].RuleResult.Finding is { } finding)
            {
                (rule.IsCommon ? common ??= [] : findings ??= []).Add(new RuleFinding(rule, finding));
            }
        }

        // the sort is stable, so findings with equal losses stay in the order of the rules
        IReadOnlyList<RuleFinding> sorted = findings is null ? [] : [.. findings.OrderByDescending(found => found.Rule.Severity).ThenByDescending(found => found.Finding.Lost)];
        return new Advice
        {
            Window = context.Recent.Time,
            UnixMilliseconds = 0,
            Judged = judged,
            Findings = sorted,
            Common = common ?? [],
            Verdict = VerdictMaker.Make(context, sorted),
            AffectedListeners = context.AffectedListeners,
            IsPartial = IsPartial(context.Now),
            Counters = [],
        };
    }

    private RuleResult Judge(IRule rule, AdvisorContext context)
    {
        if (rule.IsCommon && _common.TryGetValue(rule, out var known))
        {
            return known;
        }

        try
        {
            var judgement = rule.Judge(context);
            if (rule.IsCommon)
            {
                _common[rule] = judgement;
            }

            return judgement;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // a bug in the exporter: it disables only this rule, and is logged once, not every second
            if (_threw.Add(rule.Id))
            {
                LogThrew(_logger, rule.Id, e);
            }

            return RuleResult.CannotTell("the rule failed, which is a bug in this program");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Rule {Rule} threw an exception. This is a bug, please report it.")]
    private static partial void LogThrew(ILogger logger, string rule, Exception exception);
}
