using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>All counters at one tick, kept for a few seconds. With a later sample they make a rate.</summary>
/// <param name="parts">Receives the lists that are copied.</param>
internal sealed class RecentMark(Parts parts)
{
    private readonly Parts _parts = parts;
    private Values _values;

    /// <summary>Creates an empty mark.</summary>
    public RecentMark()
        : this(new Parts())
    {
    }

    /// <summary>Monotonic time of the tick.</summary>
    public TimeSpan At => _values.At;

    /// <summary>Monotonic time at which the listeners were read.</summary>
    public TimeSpan ListenersAt => _values.ListenersAt;

    /// <summary>The result of reading <see cref="Snmp"/>.</summary>
    public ReadResult SnmpStatus => _values.Snmp;

    /// <summary>The result of reading <see cref="Netstat"/>.</summary>
    public ReadResult NetstatStatus => _values.Netstat;

    /// <summary>The result of reading <see cref="Drops"/>.</summary>
    public ReadResult ListenersStatus => _values.Listeners;

    /// <summary>Counters of <c>/proc/net/snmp</c>.</summary>
    public CounterTable Snmp { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of <c>/proc/net/netstat</c>.</summary>
    public CounterTable Netstat { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of UDP over IPv4.</summary>
    public CounterTable Udp { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of UDP over IPv6.</summary>
    public CounterTable Udp6 { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of MPTCP.</summary>
    public CounterTable Mptcp { get; } = parts.Add(new CounterTable());

    /// <summary>Counters of other queues.</summary>
    public QueueCounters Queues { get; } = parts.Add(new QueueCounters());

    /// <summary>What each listener with known drops had discarded and lost.</summary>
    public ValueList<ListenerDrops> Drops { get; } = parts.Add(new ValueList<ListenerDrops>());

    /// <summary>Copies the counters of a sample.</summary>
    /// <param name="sample">The sample.</param>
    public void Take(NamespaceSample sample)
    {
        _values = new Values
        {
            At = sample.SampledAt,
            ListenersAt = sample.ListenersAt,
            Snmp = sample.Status(SourceId.Snmp),
            Netstat = sample.Status(SourceId.Netstat),
            Listeners = sample.Status(SourceId.Listeners),
        };
        sample.Kernel.Snmp.CopyTo(Snmp);
        sample.Kernel.Netstat.CopyTo(Netstat);
        sample.Kernel.UdpCounters.CopyTo(Udp);
        sample.Kernel.Udp6Counters.CopyTo(Udp6);
        sample.Kernel.Mptcp.CopyTo(Mptcp);
        Queues.Take(sample);
        Drops.Clear();
        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            if (listener.HasDrops)
            {
                Drops.Add(new ListenerDrops(listener.Identity, listener.Drops, listener.Lost.Total));
            }
        }
    }

    /// <summary>Copies everything to <paramref name="other"/>.</summary>
    /// <param name="other">The mark to overwrite.</param>
    public void CopyTo(RecentMark other)
    {
        other._values = _values;
        _parts.CopyTo(other._parts);
    }

    /// <summary>All plain values. They are copied together.</summary>
    private struct Values
    {
        public TimeSpan At, ListenersAt;
        public ReadResult Snmp, Netstat, Listeners;
    }
}
