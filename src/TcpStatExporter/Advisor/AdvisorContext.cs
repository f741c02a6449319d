using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// What a rule may look at: a sample, an earlier one, and the time between them. Levels are those of the later sample,
/// peaks those of its peak window; counters are judged by what was added between the two.
/// </summary>
/// <param name="now">The later sample.</param>
/// <param name="earlier">The earlier sample.</param>
/// <param name="window">Time between them.</param>
/// <param name="pageSize">Bytes of a page of memory, the unit of tcp_mem.</param>
/// <param name="leastCloseWait">The fewest connections in CLOSE_WAIT that processes held at any look between the two; none where there was none.</param>
internal sealed class AdvisorContext(HostSample now, HostSample earlier, TimeSpan window, int pageSize, long? leastCloseWait)
{
    /// <summary>However short the window: a packet or two say nothing.</summary>
    private const double Stray = 2;

    private Dictionary<ListenerIdentity, ulong>? _dropsBefore;

    /// <summary>A test of a listener.</summary>
    /// <param name="listener">The listener.</param>
    public delegate bool ListenerTest(in ListenerSample listener);

    /// <summary>The later sample.</summary>
    public HostSample Now { get; } = now;

    /// <summary>Time between the samples.</summary>
    public TimeSpan Window { get; } = window;

    /// <summary>Bytes of a page of memory.</summary>
    public int PageSize { get; } = pageSize;

    /// <summary>Memory of the machine in bytes; none where it is not known.</summary>
    public long? MemoryBytes => Now.Kernel.Machine.MemoryBytes > 0 ? Now.Kernel.Machine.MemoryBytes : null;

    /// <summary>The window as a report has it: "in 2 s".</summary>
    public string InWindow => $"in {Window.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s";

    /// <summary>Whether a source was read at the later sample.</summary>
    /// <param name="id">The source.</param>
    public bool Has(SourceId id) => Now.Status(id).IsOk;

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

    /// <summary>What was added to a counter of <c>/proc/net/netstat</c> in the window; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without TcpExt.</param>
    public ulong? TcpExtAdded(string name) =>
        Has(SourceId.Netstat) && earlier.Status(SourceId.Netstat).IsOk ? Added(Now.Kernel.Netstat, earlier.Kernel.Netstat, name) : null;

    /// <summary>What was added to a counter of <c>/proc/net/snmp</c> in the window; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without Tcp.</param>
    public ulong? TcpAdded(string name) =>
        Has(SourceId.Snmp) && earlier.Status(SourceId.Snmp).IsOk ? Added(Now.Kernel.Snmp, earlier.Kernel.Snmp, name) : null;

    /// <summary>What processors' packet backlogs dropped in the window; none where it is not known.</summary>
    public ulong? SoftnetDropped =>
        Now.Kernel.Machine.HasSoftnet && earlier.Kernel.Machine.HasSoftnet
            ? Difference(Now.Kernel.Machine.Softnet.Dropped, earlier.Kernel.Machine.Softnet.Dropped)
            : null;

    /// <summary>Connections in CLOSE_WAIT that a process holds, at the look where they were fewest; none where it is not known.</summary>
    public long? LeastCloseWait => Has(SourceId.Sockets) && earlier.Status(SourceId.Sockets).IsOk
        ? Math.Min(leastCloseWait ?? long.MaxValue, Math.Min(Now.Kernel.CloseWaitHeld, earlier.Kernel.CloseWaitHeld))
        : null;

    /// <summary>Connections that were open and are so no more: those opened in the window, less what there are more of now.</summary>
    public long? Closed => TcpAdded("ActiveOpens") is { } active && TcpAdded("PassiveOpens") is { } passive && Value(Now.Kernel.Snmp, "CurrEstab") is { } open
        ? Math.Max(0, (long)(active + passive) + (long)(Value(earlier.Kernel.Snmp, "CurrEstab") ?? 0) - (long)open)
        : null;

    /// <summary>Packets that a listener dropped in the window. One that was not there before is judged by all that it dropped since.</summary>
    /// <param name="listener">A listener of the later sample.</param>
    public ulong Dropped(in ListenerSample listener)
    {
        if (_dropsBefore is null)
        {
            _dropsBefore = [];
            foreach (ref readonly var before in earlier.Listeners.Span)
            {
                _dropsBefore[before.Identity] = before.Drops;
            }
        }

        if (!listener.HasDrops || !earlier.Status(SourceId.Listeners).IsOk)
        {
            return 0;
        }

        return Difference(listener.Drops, _dropsBefore.GetValueOrDefault(listener.Identity));
    }

    /// <summary>The listeners of the later sample that pass a test.</summary>
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

    /// <summary>
    /// Whether something was counted more often than a threshold allows. The threshold is for a longer stretch of time,
    /// as alerts have it, and is taken as a rate where the window is shorter, down to the few that may always happen.
    /// </summary>
    /// <param name="count">What was counted in the window.</param>
    /// <param name="threshold">How much is tolerated.</param>
    /// <param name="within">In what time.</param>
    public bool Exceeds(ulong count, double threshold, TimeSpan within) => count > Math.Max(Stray, threshold * Math.Min(1, Window / within));

    /// <summary>Per second of the window.</summary>
    /// <param name="count">What was counted in it.</param>
    public double PerSecond(ulong count) => Window > TimeSpan.Zero ? count / Window.TotalSeconds : 0;

    private static ulong? Value(CounterTable table, string name) => table.IndexOf(name) is var i and >= 0 ? table.Values[i] : null;

    private static ulong? Added(CounterTable now, CounterTable before, string name) =>
        Value(now, name) is { } value && Value(before, name) is { } old ? Difference(value, old) : null;

    /// <summary>A counter that went back (another namespace, a fixture) has added nothing that is known.</summary>
    private static ulong Difference(ulong now, ulong before) => now >= before ? now - before : 0;

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);
}
