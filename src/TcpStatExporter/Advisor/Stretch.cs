using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>A stretch of time that ends with the sample that is judged: what was counted in it.</summary>
/// <param name="now">The sample.</param>
/// <param name="before">The counters as they stood at its beginning.</param>
/// <param name="time">How long it is.</param>
internal sealed class Stretch(NamespaceSample now, Mark before, TimeSpan time)
{
    /// <summary>However short the time: one or two packets say nothing.</summary>
    private const double Stray = 2;

    private const double StrayPackets = 5;

    /// <summary>Time in which <see cref="StrayPackets"/> are tolerated.</summary>
    private static readonly TimeSpan TwoMinutes = TimeSpan.FromMinutes(2);

    /// <summary>Time in which slower losses are counted.</summary>
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);

    private Dictionary<ListenerIdentity, ListenerMark>? _listeners;

    /// <summary>How long it is.</summary>
    public TimeSpan Time => time;

    /// <summary>As a report has it: "in 2 s", "in 5 min".</summary>
    public string InTime => time < TimeSpan.FromMinutes(2)
        ? $"in {time.TotalSeconds.ToString(time.TotalSeconds < 10 ? "0.#" : "0", CultureInfo.InvariantCulture)} s"
        : $"in {time.TotalMinutes.ToString("0", CultureInfo.InvariantCulture)} min";

    /// <summary>The counters as they stood at the beginning.</summary>
    public Mark Before => before;

    /// <summary>What was added to a counter of <c>/proc/net/netstat</c>; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without TcpExt.</param>
    public ulong? TcpExt(string name) => now.Status(SourceId.Netstat).IsOk && before.HasNetstat ? Added(now.Kernel.Netstat, before.Netstat, name) : null;

    /// <summary>What was added to a counter of <c>/proc/net/snmp</c>; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without Tcp.</param>
    public ulong? Tcp(string name) => now.Status(SourceId.Snmp).IsOk && before.HasSnmp ? Added(now.Kernel.Snmp, before.Snmp, name) : null;

    /// <summary>What was added to a counter of UDP; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without Udp.</param>
    public ulong? Udp(string name) => now.Status(SourceId.Snmp).IsOk && before.HasSnmp ? Added(now.Kernel.UdpCounters, before.Udp, name) : null;

    /// <summary>What was added to a counter of UDP over IPv6; none where it is not known.</summary>
    /// <param name="name">As the kernel spells it, without Udp6.</param>
    public ulong? Udp6(string name) => now.Status(SourceId.Snmp).IsOk && before.HasSnmp ? Added(now.Kernel.Udp6Counters, before.Udp6, name) : null;

    /// <summary>What was added to a counter of another queue; none where it is not known.</summary>
    /// <param name="index">Position in <see cref="QueueCounter.All"/>.</param>
    public ulong? Queue(int index) => QueueCounter.All[index].Of(now) is { } later && before.Queues[index] is { } earlier ? Difference(later, earlier) : null;

    /// <summary>What processors' packet backlogs dropped; none where it is not known.</summary>
    public ulong? SoftnetDropped => now.Host.Machine.HasSoftnet && before.Machine.HasSoftnet
        ? Difference(now.Host.Machine.Softnet.Dropped, before.Machine.Softnet.Dropped)
        : null;

    /// <summary>Datagrams dropped at bound UDP sockets; none where it is not known.</summary>
    public ulong? UdpDropped => now.Status(SourceId.Udp).IsOk && before.UdpDrops is { } earlier ? Difference(now.UdpDrops, earlier) : null;

    /// <summary>Datagrams dropped at one UDP receiver.</summary>
    /// <param name="receiver">A receiver of the sample.</param>
    public ulong UdpDroppedAt(in UdpSample receiver)
    {
        foreach (ref readonly var earlier in before.UdpReceivers.Span)
        {
            if (ReferenceEquals(earlier.Identity, receiver.Identity))
            {
                return Difference(receiver.Drops, earlier.Drops);
            }
        }

        // it had no row then, for want of drops
        return before.UdpDrops is null ? 0 : receiver.Drops;
    }

    /// <summary>Packets that connection tracking dropped; none where it is not known.</summary>
    public ulong? ConntrackDropped => now.Status(SourceId.Conntrack).IsOk && now.Kernel.Conntrack.HasStatistics && before.ConntrackDropped is { } earlier
        ? Difference(now.Kernel.Conntrack.Statistics.Dropped, earlier)
        : null;

    /// <summary>Connections that were open and are no more: those opened meanwhile, less what there are more of now.</summary>
    public long? Closed => Tcp("ActiveOpens") is { } active && Tcp("PassiveOpens") is { } passive && now.Kernel.Snmp.IndexOf("CurrEstab") is var open and >= 0
        ? Math.Max(0, (long)(active + passive) + (long)before.Snmp.Values[open] - (long)now.Kernel.Snmp.Values[open])
        : null;

    /// <summary>The sockets were counted after its beginning, and are known at it.</summary>
    public bool AreStatesCounted => before.HasSockets && now.Status(SourceId.Sockets).IsOk && now.StatesAt > before.StatesAt;

    /// <summary>
    /// Connection-seconds spent in SYN_SENT. They are known from one count of the sockets to another: where those are rare,
    /// what was spent between them is taken as a rate.
    /// </summary>
    public double SynSentSeconds => AreStatesCounted ? Math.Max(0, now.SynSentSeconds - before.SynSentSeconds) * (time / (now.StatesAt - before.StatesAt)) : 0;

    /// <summary>What the kernel counted as lost and no listener accounts for.</summary>
    public LossCounts Unattributed => before.HasListeners ? now.Unattributed.Since(before.Unattributed) : default;

    /// <summary>What a listener lost. One that was not there before is judged by all that it lost since.</summary>
    /// <param name="listener">A listener of the sample, or one that went.</param>
    public LossCounts Lost(in ListenerSample listener) =>
        before.HasListeners && listener.LastLoss > before.ListenersAt ? listener.Lost.Since(MarkOf(listener.Identity).Lost) : default;

    /// <summary>Packets that listeners discarded, whether anything was lost by it or not.</summary>
    public ulong Discarded
    {
        get
        {
            ulong discarded = 0;
            foreach (ref readonly var listener in before.HasListeners ? now.Listeners.Span : [])
            {
                discarded += listener.Drops - Math.Min(listener.Drops, MarkOf(listener.Identity).Drops);
            }

            return discarded;
        }
    }

    /// <summary>Share of the looks at which the queue of a listener was full; none where there were not even three.</summary>
    /// <param name="listener">A listener of the sample.</param>
    public double? FullShare(in ListenerSample listener)
    {
        var (then, last) = (MarkOf(listener.Identity), ListenerMark.Of(listener));
        var looks = last.Looks - then.Looks;
        return looks < 3 ? null : (double)(last.FullLooks - then.FullLooks) / looks;
    }

    /// <summary>How often a listener began to listen.</summary>
    /// <param name="listener">A listener of the sample, or one that went.</param>
    public ulong Openings(in ListenerSample listener) => listener.Openings - Math.Min(listener.Openings, MarkOf(listener.Identity).Openings);

    /// <summary>
    /// Whether something was counted more often than a threshold allows. The threshold is for a longer time, as alerts
    /// have it, and is taken as a rate where this is shorter, down to the few that may always happen.
    /// </summary>
    /// <param name="count">What was counted.</param>
    /// <param name="threshold">How much is tolerated.</param>
    /// <param name="within">In what time.</param>
    public bool Exceeds(ulong count, double threshold, TimeSpan within) => count > Math.Max(Stray, threshold * Math.Min(1, time / within));

    /// <summary>More packets of loss than a stray few.</summary>
    public bool IsLoss(ulong packets) => Exceeds(packets, StrayPackets, TwoMinutes);

    /// <summary>The same of losses that are counted over five minutes.</summary>
    public bool IsSlowLoss(ulong packets) => Exceeds(packets, StrayPackets, FiveMinutes);

    /// <summary>A second.</summary>
    /// <param name="count">What was counted.</param>
    public double PerSecond(double count) => time > TimeSpan.Zero ? count / time.TotalSeconds : 0;

    private static ulong? Added(CounterTable later, CounterTable earlier, string name)
    {
        var i = later.IndexOf(name);
        if (i < 0)
        {
            return null;
        }

        // the same kernel has it in the same place
        var j = i < earlier.Names.Length && ReferenceEquals(earlier.Names[i], later.Names[i]) ? i : earlier.IndexOf(name);
        return j < 0 ? null : Difference(later.Values[i], earlier.Values[j]);
    }

    /// <summary>A counter that went back (another namespace, a fixture) has added nothing that is known.</summary>
    private static ulong Difference(ulong later, ulong earlier) => later >= earlier ? later - earlier : 0;

    private ListenerMark MarkOf(ListenerIdentity listener)
    {
        // made only once something is wrong with a listener
        if (_listeners is null)
        {
            _listeners = [];
            foreach (ref readonly var mark in before.Listeners.Span)
            {
                _listeners[mark.Identity] = mark;
            }
        }

        return _listeners.GetValueOrDefault(listener);
    }
}
