using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>All counters at one tick, kept for a few seconds. With a later sample they make a rate.</summary>
internal sealed class RecentMark
{
    /// <summary>Monotonic time of the tick.</summary>
    public TimeSpan At { get; private set; }

    /// <summary>Monotonic time at which the listeners were read.</summary>
    public TimeSpan ListenersAt { get; private set; }

    /// <summary>The result of reading <see cref="Snmp"/>.</summary>
    public ReadResult SnmpStatus { get; private set; }

    /// <summary>The result of reading <see cref="Netstat"/>.</summary>
    public ReadResult NetstatStatus { get; private set; }

    /// <summary>The result of reading <see cref="Drops"/>.</summary>
    public ReadResult ListenersStatus { get; private set; }

    /// <summary>Counters of <c>/proc/net/snmp</c>.</summary>
    public CounterTable Snmp { get; } = new();

    /// <summary>Counters of <c>/proc/net/netstat</c>.</summary>
    public CounterTable Netstat { get; } = new();

    /// <summary>Counters of UDP over IPv4.</summary>
    public CounterTable Udp { get; } = new();

    /// <summary>Counters of UDP over IPv6.</summary>
    public CounterTable Udp6 { get; } = new();

    /// <summary>Counters of MPTCP.</summary>
    public CounterTable Mptcp { get; } = new();

    /// <summary>Counters of other queues.</summary>
    public QueueCounters Queues { get; } = new();

    /// <summary>What each listener with known drops had discarded and lost.</summary>
    public ValueList<ListenerDrops> Drops { get; } = new();

    /// <summary>Copies the counters of a sample.</summary>
    /// <param name="sample">The sample.</param>
    public void Take(NamespaceSample sample)
    {
        At = sample.SampledAt;
        ListenersAt = sample.ListenersAt;
        SnmpStatus = sample.Status(SourceId.Snmp);
        NetstatStatus = sample.Status(SourceId.Netstat);
        ListenersStatus = sample.Status(SourceId.Listeners);
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
        other.At = At;
        other.ListenersAt = ListenersAt;
        other.SnmpStatus = SnmpStatus;
        other.NetstatStatus = NetstatStatus;
        other.ListenersStatus = ListenersStatus;
        Snmp.CopyTo(other.Snmp);
        Netstat.CopyTo(other.Netstat);
        Udp.CopyTo(other.Udp);
        Udp6.CopyTo(other.Udp6);
        Mptcp.CopyTo(other.Mptcp);
        Queues.CopyTo(other.Queues);
        Drops.CopyTo(other.Drops);
    }
}
