using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// What a rule may look at: a sample, and what was counted in the last seconds, the last minute and the last minutes
/// before it. Levels are those of the sample, peaks those of its peak window.
/// </summary>
internal sealed class AdvisorContext
{
    /// <summary>From this share of the attempts on, or where its queue is full, a listener that lost connections is losing them: fewer are for office hours.</summary>
    private const double LosingShare = 0.01;

    private List<AffectedListener>? _suspects;

    /// <summary>Puts it together.</summary>
    /// <param name="now">The sample.</param>
    /// <param name="recent">The last seconds.</param>
    /// <param name="lately">The last minute.</param>
    /// <param name="slow">The last minutes.</param>
    public AdvisorContext(NamespaceSample now, Stretch recent, Stretch lately, Stretch slow)
    {
        Now = now;
        Recent = recent;
        Lately = lately;
        Slow = slow;
    }

    /// <summary>A test of a listener.</summary>
    /// <param name="listener">The listener.</param>
    public delegate bool ListenerTest(in ListenerSample listener);

    /// <summary>The sample that is judged.</summary>
    public NamespaceSample Now { get; }

    /// <summary>What happens now: ten seconds, or all that was watched where that is less.</summary>
    public Stretch Recent { get; }

    /// <summary>A minute, or all that was watched.</summary>
    public Stretch Lately { get; }

    /// <summary>Five minutes, or all that was watched: for what happens now and then.</summary>
    public Stretch Slow { get; }

    /// <summary>The fewest connections in CLOSE_WAIT that processes held at any tick of <see cref="Lately"/>, as far as it was looked at; none where it was not.</summary>
    public long? LeastSeenCloseWait { get; init; }

    /// <summary>The largest bursts.</summary>
    public Bursts Bursts { get; init; } = new();

    /// <summary>What was remembered of listeners at the time they went.</summary>
    public Departures Departures { get; init; } = new();

    /// <summary>The last time that most connections went at once.</summary>
    public Falls Falls { get; init; } = new();

    /// <summary>Bytes of a page of memory, the unit of tcp_mem.</summary>
    public int PageSize { get; init; } = Environment.SystemPageSize;

    /// <summary>Memory of the machine in bytes; none where it is not known.</summary>
    public long? MemoryBytes => Now.Host.Machine.MemoryBytes > 0 ? Now.Host.Machine.MemoryBytes : null;

    /// <summary>Listeners that are in trouble or lost connections lately, those that lose most first; those that went within the last hour too.</summary>
    public IReadOnlyList<AffectedListener> AffectedListeners => _suspects ??= FindSuspects();

    /// <summary>What was lost in the last seconds and cannot be told by a name.</summary>
    public LossCounts Unnamed
    {
        get
        {
            foreach (var suspect in AffectedListeners)
            {
                if (suspect.Presumed > 0)
                {
                    return default;
                }
            }

            return Recent.Unattributed;
        }
    }

    /// <summary>Connections that processes held in CLOSE_WAIT all through <see cref="Lately"/>: those at the look where they were fewest; none where it is not known.</summary>
    public long? LeastCloseWait => Lately.AreStatesCounted
        ? Math.Min(LeastSeenCloseWait ?? long.MaxValue, Math.Min(Now.Kernel.CloseWaitHeld, Lately.Before.CloseWaitHeld))
        : null;

    /// <summary>Whether a source was read at the sample.</summary>
    /// <param name="id">The source.</param>
    public bool Has(SourceId id) => Now.Status(id).IsOk;

    /// <summary>Every listener tells the limit of its queue, where they could be read at all.</summary>
    public bool HasLimits
    {
        get
        {
            foreach (ref readonly var listener in Now.Listeners.Span)
            {
                if (!listener.HasLimit)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The first number of a kernel parameter; none where it is not known.</summary>
    /// <param name="name">The parameter.</param>
    public long? Number(Sysctl name) => Numbers(name) is { } value ? value.First : null;

    /// <summary>The numbers of a kernel parameter; none where it is not known.</summary>
    /// <param name="name">The parameter.</param>
    public SysctlValue? Numbers(Sysctl name) =>
        Has(SourceId.Sysctl) && Now.Kernel.Sysctls[name].Count > 0 ? Now.Kernel.Sysctls[name] : null;

    /// <summary>A kernel parameter as sysctl(8) prints it; empty where it is not known.</summary>
    /// <param name="name">The parameter.</param>
    public string Text(Sysctl name) => Numbers(name) switch
    {
        null => "",
        _ when name == Sysctl.IpLocalReservedPorts => PortRanges.Format(Now.Kernel.Sysctls.ReservedPorts),
        { Count: 1 } one => Plain(one.First),
        { Count: 2 } two => $"{Plain(two.First)} {Plain(two.Second)}",
        { } three => $"{Plain(three.First)} {Plain(three.Second)} {Plain(three.Third)}",
    };

    /// <summary>A counter of <c>/proc/net/netstat</c> since boot; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without TcpExt.</param>
    public ulong? TcpExt(string name) => Has(SourceId.Netstat) ? Value(Now.Kernel.Netstat, name) : null;

    /// <summary>A counter of <c>/proc/net/snmp</c> since boot; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without Tcp.</param>
    public ulong? Tcp(string name) => Has(SourceId.Snmp) ? Value(Now.Kernel.Snmp, name) : null;

    /// <summary>A counter of UDP since boot; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without Udp.</param>
    public ulong? Udp(string name) => Has(SourceId.Snmp) ? Value(Now.Kernel.UdpCounters, name) : null;

    /// <summary>A counter of UDP over IPv6 since boot; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without Udp6.</param>
    public ulong? Udp6(string name) => Has(SourceId.Snmp) ? Value(Now.Kernel.Udp6Counters, name) : null;

    /// <summary>The listeners of the sample that pass a test.</summary>
    /// <param name="test">The test.</param>
    public List<ListenerSample> Find(ListenerTest test)
    {
        var found = new List<ListenerSample>();
        foreach (ref readonly var listener in Now.Listeners.Span)
        {
            if (test(in listener))
            {
                found.Add(listener);
            }
        }

        return found;
    }

    /// <summary>What is the matter with a listener of the sample.</summary>
    /// <param name="listener">The listener.</param>
    public ListenerCondition ConditionOf(ListenerIdentity listener)
    {
        foreach (var suspect in AffectedListeners)
        {
            if (ReferenceEquals(suspect.Identity, listener))
            {
                return suspect.Condition;
            }
        }

        return ListenerCondition.None;
    }

    /// <summary>
    /// Whether so much was lost in the last seconds that it is going on. A packet or two may always be lost, and a few of
    /// very many are no reason to wake anybody.
    /// </summary>
    /// <param name="lost">What was lost in <see cref="Recent"/>.</param>
    public bool IsLosing(ulong lost) =>
        Recent.IsLoss(lost) && !(lost < LosingShare * (lost + (Recent.Tcp("PassiveOpens") ?? 0)));

    private static ulong? Value(CounterTable table, string name) => table.IndexOf(name) is var i and >= 0 ? table.Values[i] : null;

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);

    private List<AffectedListener> FindSuspects()
    {
        var suspects = new List<AffectedListener>();
        if (!Has(SourceId.Listeners))
        {
            return suspects;
        }

        foreach (ref readonly var listener in Now.Listeners.Span)
        {
            var (recent, lately) = (Recent.Lost(listener), Lately.Lost(listener));
            var trouble = ListenerConditions.Of(this, listener, recent, lately);
            if (trouble != ListenerCondition.None || lately.Total > 0)
            {
                suspects.Add(new AffectedListener(listener, trouble, recent, lately, Gone: null));
            }
        }

        AffectedListener? last = null;
        foreach (ref readonly var closed in Now.Closed.Span)
        {
            var (recent, lately) = (Recent.Lost(closed.Last), Lately.Lost(closed.Last));
            if (lately.Total > 0)
            {
                var suspect = new AffectedListener(closed.Last, ListenerConditions.OfGone(this, recent, lately), recent, lately, Now.ListenersAt - closed.LastSeen);
                suspects.Add(suspect);
                last = suspect.Gone <= Recent.Time && !(last?.Lately.Total > lately.Total) ? suspect : last;
            }
        }

        // what is lost after the last look at a listener that goes is counted, and no socket is left to tell it
        if (last is not null && Recent.Unattributed.Total > 0)
        {
            var all = Recent.Unattributed;
            suspects[suspects.IndexOf(last)] = last with { Presumed = all.Total, Condition = ListenerConditions.OfGone(this, last.Recent + all, last.Lately + all) };
        }

        suspects.Sort((one, other) => (other.Recent.Total, other.Lately.Total, other.Listener.FillRatioPeak).CompareTo((one.Recent.Total, one.Lately.Total, one.Listener.FillRatioPeak)));
        return suspects;
    }
}
