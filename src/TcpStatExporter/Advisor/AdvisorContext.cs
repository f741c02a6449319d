using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// The input of a rule: a sample, and what was counted in the last seconds, the last minute and the last few minutes before
/// it. Current values are those of the sample. Peaks are those of its peak window.
/// </summary>
internal sealed class AdvisorContext
{
    /// <summary>
    /// A listener is losing connections if its queue is full, or if it lost at least this share of the attempts. A smaller
    /// share can wait until office hours.
    /// </summary>
    private const double LosingShare = 0.01;

    private List<AffectedListener>? _suspects;

    /// <summary>Creates the context.</summary>
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

    /// <summary>What happens now: the last ten seconds, or less if watched for less.</summary>
    public Stretch Recent { get; }

    /// <summary>The last minute, or less if watched for less.</summary>
    public Stretch Lately { get; }

    /// <summary>The last five minutes, or less if watched for less. For rare events.</summary>
    public Stretch Slow { get; }

    /// <summary>
    /// The smallest number of connections in CLOSE_WAIT that processes held at any tick of <see cref="Lately"/> at which it
    /// was counted. Null if it was not counted.
    /// </summary>
    public long? LeastSeenCloseWait { get; init; }

    /// <summary>The largest bursts.</summary>
    public Bursts Bursts { get; init; } = new();

    /// <summary>What was known about each listener when it closed.</summary>
    public Departures Departures { get; init; } = new();

    /// <summary>The last time that most connections ended at once.</summary>
    public Falls Falls { get; init; } = new();

    /// <summary>What the counters are of.</summary>
    public string Place { get; init; } = "this host";

    /// <summary>Size of a memory page in bytes, the unit of tcp_mem.</summary>
    public int PageSize { get; init; } = Environment.SystemPageSize;

    /// <summary>Memory of the machine in bytes. Null if unknown.</summary>
    public long? MemoryBytes => Now.Host.Machine.MemoryBytes > 0 ? Now.Host.Machine.MemoryBytes : null;

    /// <summary>
    /// Listeners that have a problem or lost connections lately, most losses first. Includes listeners that closed within the
    /// last hour.
    /// </summary>
    public IReadOnlyList<AffectedListener> AffectedListeners => _suspects ??= FindSuspects();

    /// <summary>Losses of the last seconds that cannot be attributed to a listener.</summary>
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

    /// <summary>
    /// Connections that processes held in CLOSE_WAIT during all of <see cref="Lately"/>: the smallest number counted. Null if
    /// unknown.
    /// </summary>
    public long? LeastCloseWait => Lately.AreStatesCounted
        ? Math.Min(LeastSeenCloseWait ?? long.MaxValue, Math.Min(Now.Kernel.CloseWaitHeld, Lately.Before.CloseWaitHeld))
        : null;

    /// <summary>Returns true if a source was read for the sample.</summary>
    /// <param name="id">The source.</param>
    public bool Has(SourceId id) => Now.Status(id).IsOk;

    /// <summary>True if the queue limit of every listener is known, or if the listeners could not be read at all.</summary>
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

    /// <summary>Returns the first number of a kernel parameter, or null if unknown.</summary>
    /// <param name="name">The parameter.</param>
    public long? Number(Sysctl name) => Numbers(name) is { } value ? value.First : null;

    /// <summary>Returns the numbers of a kernel parameter, or null if unknown.</summary>
    /// <param name="name">The parameter.</param>
    public SysctlValue? Numbers(Sysctl name) =>
        Has(SourceId.Sysctl) && Now.Parameter(name) is { Count: > 0 } value ? value : null;

    /// <summary>Returns a kernel parameter as sysctl(8) prints it, or an empty text if unknown.</summary>
    /// <param name="name">The parameter.</param>
    public string Text(Sysctl name) => Numbers(name) switch
    {
        null => "",
        _ when name == Sysctl.IpLocalReservedPorts => PortRanges.Format(Now.Kernel.Sysctls.ReservedPorts),
        { Count: 1 } one => Plain(one.First),
        { Count: 2 } two => $"{Plain(two.First)} {Plain(two.Second)}",
        { } three => $"{Plain(three.First)} {Plain(three.Second)} {Plain(three.Third)}",
    };

    /// <summary>Returns a counter of <c>/proc/net/netstat</c> since boot, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without TcpExt.</param>
    public ulong? TcpExt(string name) => Has(SourceId.Netstat) ? Value(Now.Kernel.Netstat, name) : null;

    /// <summary>Returns a counter of <c>/proc/net/snmp</c> since boot, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without Tcp.</param>
    public ulong? Tcp(string name) => Has(SourceId.Snmp) ? Value(Now.Kernel.Snmp, name) : null;

    /// <summary>Returns a UDP counter since boot, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without Udp.</param>
    public ulong? Udp(string name) => Has(SourceId.Snmp) ? Value(Now.Kernel.UdpCounters, name) : null;

    /// <summary>Returns a UDP over IPv6 counter since boot, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without Udp6.</param>
    public ulong? Udp6(string name) => Has(SourceId.Snmp) ? Value(Now.Kernel.Udp6Counters, name) : null;

    /// <summary>Returns the listeners of the sample that pass a test.</summary>
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

    /// <summary>Returns the condition of a listener in the sample.</summary>
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
    /// Returns true if enough was lost in the last seconds to count as ongoing. One or two lost packets are normal, and a few
    /// out of very many are no reason to wake anybody.
    /// </summary>
    /// <param name="lost">Losses in <see cref="Recent"/>.</param>
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

        // losses after the last read of a listener that closes are counted, but no socket is left to attribute them to
        if (last is not null && Recent.Unattributed.Total > 0)
        {
            var all = Recent.Unattributed;
            suspects[suspects.IndexOf(last)] = last with { Presumed = all.Total, Condition = ListenerConditions.OfGone(this, last.Recent + all, last.Lately + all) };
        }

        suspects.Sort((one, other) => (other.Recent.Total, other.Lately.Total, other.Listener.FillRatioPeak).CompareTo((one.Recent.Total, one.Lately.Total, one.Listener.FillRatioPeak)));
        return suspects;
    }
}
