using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>A period that ends with the judged sample, and what was counted in it.</summary>
/// <param name="now">The sample.</param>
/// <param name="before">The counters at its start.</param>
/// <param name="time">Its length.</param>
internal sealed class Stretch(NamespaceSample now, Mark before, TimeSpan time)
{
    /// <summary>One or two packets mean nothing, however short the period.</summary>
    private const double Stray = 2;

    private const double StrayPackets = 5;

    /// <summary><see cref="StrayPackets"/> are tolerated in this time.</summary>
    private static readonly TimeSpan TwoMinutes = TimeSpan.FromMinutes(2);

    /// <summary>Slower losses are counted over this time.</summary>
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);

    private Dictionary<ListenerIdentity, ListenerMark>? _listeners;

    /// <summary>Its length.</summary>
    public TimeSpan Time => time;

    /// <summary>Its length in a report: "in 2 s", "in 5 min".</summary>
    public string InTime => time < TimeSpan.FromMinutes(2)
        ? $"in {time.TotalSeconds.ToString(time.TotalSeconds < 10 ? "0.#" : "0", CultureInfo.InvariantCulture)} s"
        : $"in {time.TotalMinutes.ToString("0", CultureInfo.InvariantCulture)} min";

    /// <summary>The counters at its start.</summary>
    public Mark Before => before;

    /// <summary>Returns the increase of a counter of <c>/proc/net/netstat</c>, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without TcpExt.</param>
    public ulong? TcpExt(string name) => now.Status(SourceId.Netstat).IsOk && before.HasNetstat ? Added(now.Kernel.Netstat, before.Netstat, name) : null;

    /// <summary>Returns the increase of a counter of <c>/proc/net/snmp</c>, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without Tcp.</param>
    public ulong? Tcp(string name) => now.Status(SourceId.Snmp).IsOk && before.HasSnmp ? Added(now.Kernel.Snmp, before.Snmp, name) : null;

    /// <summary>Returns the increase of a UDP counter, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without Udp.</param>
    public ulong? Udp(string name) => now.Status(SourceId.Snmp).IsOk && before.HasSnmp ? Added(now.Kernel.UdpCounters, before.Udp, name) : null;

    /// <summary>Returns the increase of a UDP over IPv6 counter, or null if unknown.</summary>
    /// <param name="name">The kernel's name, without Udp6.</param>
    public ulong? Udp6(string name) => now.Status(SourceId.Snmp).IsOk && before.HasSnmp ? Added(now.Kernel.Udp6Counters, before.Udp6, name) : null;

    /// <summary>Returns the increase of a counter of another queue, or null if unknown.</summary>
    /// <param name="index">Index in <see cref="QueueCounter.All"/>.</param>
    public ulong? Queue(int index) => QueueCounter.All[index].Of(now) is { } later && before.Queues[index] is { } earlier ? Difference(later, earlier) : null;

    /// <summary>Packets dropped from the processors' backlogs. Null if unknown.</summary>
    public ulong? SoftnetDropped => now.Host.Machine.HasSoftnet && before.Machine.HasSoftnet
        ? Difference(now.Host.Machine.Softnet.Dropped, before.Machine.Softnet.Dropped)
        : null;

    /// <summary>Datagrams dropped at bound UDP sockets. Null if unknown.</summary>
    public ulong? UdpDropped => now.Status(SourceId.Udp).IsOk && before.UdpDrops is { } earlier ? Difference(now.UdpDrops, earlier) : null;

    /// <summary>Returns the datagrams dropped at one UDP receiver.</summary>
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

        // it had no row before, because it had no drops
        return before.UdpDrops is null ? 0 : receiver.Drops;
    }

    /// <summary>Packets dropped by connection tracking. Null if unknown.</summary>
    public ulong? ConntrackDropped => now.Status(SourceId.Conntrack).IsOk && now.Kernel.Conntrack.HasStatistics && before.ConntrackDropped is { } earlier
        ? Difference(now.Kernel.Conntrack.Statistics.Dropped, earlier)
        : null;

    /// <summary>Connections that ended: those opened in this period, minus the increase of open ones.</summary>
    public long? Closed => Tcp("ActiveOpens") is { } active && Tcp("PassiveOpens") is { } passive && now.Kernel.Snmp.IndexOf("CurrEstab") is var open and >= 0
        ? Math.Max(0, (long)(active + passive) + (long)before.Snmp.Values[open] - (long)now.Kernel.Snmp.Values[open])
        : null;

    /// <summary>True if the sockets were counted after its start, and the count at its start is known too.</summary>
    public bool AreStatesCounted => before.HasSockets && now.Status(SourceId.Sockets).IsOk && now.StatesAt > before.StatesAt;

    /// <summary>
    /// Connection-seconds spent in SYN_SENT. Known from one count of the sockets to the next. If counts are rare, the time
    /// spent between them is treated as a rate.
    /// </summary>
    public double SynSentSeconds => AreStatesCounted ? Math.Max(0, now.SynSentSeconds - before.SynSentSeconds) * (time / (now.StatesAt - before.StatesAt)) : 0;

    /// <summary>Losses that no listener accounts for.</summary>
    public LossCounts Unattributed => before.HasListeners ? now.Unattributed.Since(before.Unattributed) : default;

    /// <summary>Returns the losses of a listener. For one that was not there before: all its losses.</summary>
    /// <param name="listener">A listener of the sample, or a closed one.</param>
    public LossCounts Lost(in ListenerSample listener) =>
        before.HasListeners && listener.LastLoss > before.ListenersAt ? listener.Lost.Since(MarkOf(listener.Identity).Lost) : default;

    /// <summary>Packets that listeners discarded, whether or not anything was lost.</summary>
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

    /// <summary>
    /// Returns the share of reads in which the queue of a listener was full. Null if there were fewer than three.
    /// </summary>
    /// <param name="listener">A listener of the sample.</param>
    public double? FullShare(in ListenerSample listener)
    {
        var (then, last) = (MarkOf(listener.Identity), ListenerMark.Of(listener));
        var looks = last.Looks - then.Looks;
        return looks < 3 ? null : (double)(last.FullLooks - then.FullLooks) / looks;
    }

    /// <summary>Returns how often a listener began to listen.</summary>
    /// <param name="listener">A listener of the sample, or a closed one.</param>
    public ulong Openings(in ListenerSample listener) => listener.Openings - Math.Min(listener.Openings, MarkOf(listener.Identity).Openings);

    /// <summary>
    /// Returns true if a count exceeds a threshold. The threshold is for a longer period, as in alerts. For a shorter period
    /// it is scaled down as a rate, but not below the few that are always possible.
    /// </summary>
    /// <param name="count">The count.</param>
    /// <param name="threshold">The tolerated count.</param>
    /// <param name="within">The period of the threshold.</param>
    public bool Exceeds(ulong count, double threshold, TimeSpan within) => count > Math.Max(Stray, threshold * Math.Min(1, time / within));

    /// <summary>Returns true if there are more losses than a few stray packets.</summary>
    public bool IsLoss(ulong packets) => Exceeds(packets, StrayPackets, TwoMinutes);

    /// <summary>The same for losses counted over five minutes.</summary>
    public bool IsSlowLoss(ulong packets) => Exceeds(packets, StrayPackets, FiveMinutes);

    /// <summary>Returns a rate per second.</summary>
    /// <param name="count">The count.</param>
    public double PerSecond(double count) => time > TimeSpan.Zero ? count / time.TotalSeconds : 0;

    private static ulong? Added(CounterTable later, CounterTable earlier, string name)
    {
        var i = later.IndexOf(name);
        if (i < 0)
        {
            return null;
        }

        // the same kernel has it at the same index
        var j = i < earlier.Names.Length && ReferenceEquals(earlier.Names[i], later.Names[i]) ? i : earlier.IndexOf(name);
        return j < 0 ? null : Difference(later.Values[i], earlier.Values[j]);
    }

    /// <summary>A counter that decreased (another namespace, a fixture) adds nothing.</summary>
    private static ulong Difference(ulong later, ulong earlier) => later >= earlier ? later - earlier : 0;

    private ListenerMark MarkOf(ListenerIdentity listener)
    {
        // built only when a listener has a problem
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
