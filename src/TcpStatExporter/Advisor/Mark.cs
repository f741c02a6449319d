using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>All counters at one tick. Together with a later sample, it makes a <see cref="Stretch"/>.</summary>
internal sealed class Mark
{
    /// <summary>Monotonic time of the tick.</summary>
    public TimeSpan At { get; private set; }

    /// <summary>Monotonic time at which the listeners were read.</summary>
    public TimeSpan ListenersAt { get; private set; }

    /// <summary>Counters of <c>/proc/net/snmp</c> were read.</summary>
    public bool HasSnmp { get; private set; }

    /// <summary>Counters of <c>/proc/net/netstat</c> were read.</summary>
    public bool HasNetstat { get; private set; }

    /// <summary>Listeners were read, then or not long before.</summary>
    public bool HasListeners { get; private set; }

    /// <summary>Sockets were read.</summary>
    public bool HasSockets { get; private set; }

    /// <summary>Counters of <c>/proc/net/snmp</c>.</summary>
    public CounterTable Snmp { get; } = new();

    /// <summary>Counters of <c>/proc/net/netstat</c>.</summary>
    public CounterTable Netstat { get; } = new();

    /// <summary>Counters of UDP over IPv4.</summary>
    public CounterTable Udp { get; } = new();

    /// <summary>Counters of UDP over IPv6.</summary>
    public CounterTable Udp6 { get; } = new();

    /// <summary>Counters of other queues.</summary>
    public QueueCounters Queues { get; } = new();

    /// <summary>Listeners, including those that closed within the last hour.</summary>
    public ValueList<ListenerMark> Listeners { get; } = new();

    /// <summary>Losses that no listener accounts for.</summary>
    public LossCounts Unattributed { get; private set; }

    /// <summary>Connections in CLOSE_WAIT that processes hold.</summary>
    public long CloseWaitHeld { get; private set; }

    /// <summary>Monotonic time of the last tick that counted the sockets.</summary>
    public TimeSpan StatesAt { get; private set; }

    /// <summary>Connection-seconds spent in SYN_SENT up to that time.</summary>
    public double SynSentSeconds { get; private set; }

    /// <summary>Open connections (CurrEstab). Null if unknown.</summary>
    public long? Open { get; private set; }

    /// <summary>Packets dropped by connection tracking so far. Null if unknown.</summary>
    public ulong? ConntrackDropped { get; private set; }

    /// <summary>Datagrams dropped at bound UDP sockets so far. Null if unknown.</summary>
    public ulong? UdpDrops { get; private set; }

    /// <summary>The UDP receivers that have rows.</summary>
    public ValueList<UdpSample> UdpReceivers { get; } = new();

    /// <summary>Facts of the machine.</summary>
    public MachineFacts Machine { get; private set; }

    /// <summary>Returns the open connections (CurrEstab), or null if unknown.</summary>
    /// <param name="sample">The sample.</param>
    public static long? OpenOf(NamespaceSample sample) =>
        sample.Status(SourceId.Snmp).IsOk && sample.Kernel.Snmp.IndexOf("CurrEstab") is var i and >= 0 ? (long)sample.Kernel.Snmp.Values[i] : null;

    /// <summary>Copies the counters of a sample.</summary>
    /// <param name="sample">The sample.</param>
    public void Take(NamespaceSample sample)
    {
        At = sample.SampledAt;
        ListenersAt = sample.ListenersAt;
        HasSnmp = sample.Status(SourceId.Snmp).IsOk;
        HasNetstat = sample.Status(SourceId.Netstat).IsOk;

        // a pod that starts anew is read again soon. Until then, its sample has what the last read showed
        HasListeners = sample.Status(SourceId.Listeners) is { IsOk: true } or { Error: SourceError.Stale } && !sample.IsStale;
        HasSockets = sample.Status(SourceId.Sockets).IsOk;
        sample.Kernel.Snmp.CopyTo(Snmp);
        sample.Kernel.Netstat.CopyTo(Netstat);
        sample.Kernel.UdpCounters.CopyTo(Udp);
        sample.Kernel.Udp6Counters.CopyTo(Udp6);
        Queues.Take(sample);
        Unattributed = sample.Unattributed;
        CloseWaitHeld = sample.Kernel.CloseWaitHeld;
        StatesAt = sample.StatesAt;
        SynSentSeconds = sample.SynSentSeconds;
        Open = OpenOf(sample);
        ConntrackDropped = sample.Status(SourceId.Conntrack).IsOk && sample.Kernel.Conntrack.HasStatistics ? sample.Kernel.Conntrack.Statistics.Dropped : null;
        UdpDrops = sample.Status(SourceId.Udp).IsOk ? sample.UdpDrops : null;
        sample.UdpReceivers.CopyTo(UdpReceivers);
        Machine = sample.Host.Machine;
        Listeners.Clear();
        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            Listeners.Add(ListenerMark.Of(listener));
        }

        foreach (ref readonly var closed in sample.Closed.Span)
        {
            Listeners.Add(ListenerMark.Of(closed.Last));
        }
    }
}
