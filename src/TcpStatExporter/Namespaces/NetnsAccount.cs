using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// What all network namespaces of one name counted since the exporter first saw them. If a pod restarts, its new namespace
/// continues where the old one ended. Only the watching thread uses this.
/// </summary>
/// <param name="identity">Its name.</param>
internal sealed class NetnsAccount(NetnsIdentity identity)
{
    /// <summary>One or two packets are no sign of trouble.</summary>
    private const ulong Stray = 2;

    /// <summary>Fewer retransmissions are not trouble, whatever their share.</summary>
    private const ulong FewRetransmissions = 100;

    /// <summary>Above this share of retransmitted segments, it is trouble.</summary>
    private const double ManyRetransmissions = 0.05;

    private readonly NetnsCounters _totals = new();
    private NamespaceSample? _working;
    private NetnsLoss _recent;
    private NetnsLoss _total;
    private SockstatCounts _sockets;

    /// <summary>Its name.</summary>
    public NetnsIdentity Identity => identity;

    /// <summary>Namespaces of this name that are followed, as of the last pass.</summary>
    public int Followed { get; set; }

    /// <summary>Number of namespaces that the last pass read.</summary>
    public int Live { get; private set; }

    /// <summary>Monotonic time of the last pass that read at least one.</summary>
    public TimeSpan LiveAt { get; private set; }

    /// <summary>True if it was in trouble at the last pass.</summary>
    public bool IsInTrouble { get; private set; }

    /// <summary>True if it was in trouble at any pass since it started.</summary>
    public bool WasInTrouble { get; private set; }

    /// <summary>Its own series. Null if it has none.</summary>
    public WatchedNetns? Watched { get; set; }

    /// <summary>Begins a pass.</summary>
    public void Begin()
    {
        Followed = 0;
        Live = 0;
        _recent = default;
        _sockets = default;
        Zero(_totals.Netstat, KernelCounterGroup.TcpExt);
        Zero(_totals.Mptcp, KernelCounterGroup.MPTcpExt);
        Zero(_totals.Snmp, KernelCounterGroup.Tcp);
        Zero(_totals.Udp, KernelCounterGroup.Udp);
    }

    /// <summary>Adds what a namespace counted since its last read.</summary>
    /// <param name="found">The namespace.</param>
    /// <param name="read">The counters of this read.</param>
    /// <param name="sockets">Its sockets.</param>
    /// <param name="now">Monotonic time.</param>
    public void Add(FoundNetns found, NetnsCounters read, in SockstatCounts sockets, TimeSpan now)
    {
        var isCounted = found.IsRead || found.IsNew;
        Add(KernelCounterGroup.TcpExt, read.Netstat, found.Last.Netstat, _totals.Netstat, isCounted);
        Add(KernelCounterGroup.MPTcpExt, read.Mptcp, found.Last.Mptcp, _totals.Mptcp, isCounted);
        Add(KernelCounterGroup.Tcp, read.Snmp, found.Last.Snmp, _totals.Snmp, isCounted);
        Add(KernelCounterGroup.Udp, read.Udp, found.Last.Udp, _totals.Udp, isCounted);
        found.IsRead = true;
        Live++;
        LiveAt = now;
        _sockets.TcpInUse += sockets.TcpInUse;
        _sockets.Tcp6InUse += sockets.Tcp6InUse;
        _sockets.HasTcp6 |= sockets.HasTcp6;
        _sockets.TcpTimeWait += sockets.TcpTimeWait;

        // these are host-wide in every namespace
        _sockets.TcpOrphan = sockets.TcpOrphan;
        _sockets.TcpAllocated = sockets.TcpAllocated;
        _sockets.TcpMemoryPages = sockets.TcpMemoryPages;
    }

    /// <summary>Ends a pass.</summary>
    public void End()
    {
        _total.Add(_recent);
        IsInTrouble = _recent.ListenDrops > Stray || _recent.Other > Stray
            || (_recent.Retransmitted >= FewRetransmissions && _recent.Retransmitted > ManyRetransmissions * _recent.Sent);
        WasInTrouble = Live > 0 && (WasInTrouble || IsInTrouble);
    }

    /// <summary>What the last pass added.</summary>
    public ref readonly NetnsLoss Recent => ref _recent;

    /// <summary>Its row in the list of namespaces.</summary>
    public NetnsRow Row() => new()
    {
        Identity = identity,
        Namespaces = Live,
        IsInTrouble = IsInTrouble,
        WasInTrouble = WasInTrouble,
        HasSeries = Watched is not null,
        Established = _totals.Snmp.IndexOf("CurrEstab") is var at and >= 0 ? (long)_totals.Snmp.Values[at] : 0,
        TimeWait = _sockets.TcpTimeWait,
        InUse = _sockets.TcpInUse + _sockets.Tcp6InUse,
        Recent = _recent,
        Total = _total,
    };

    /// <summary>Publishes its counters.</summary>
    /// <param name="store">Receives the sample.</param>
    /// <param name="time">The clocks.</param>
    public void Publish(SampleStore store, TimeProvider time)
    {
        _working ??= new NamespaceSample();
        var kernel = _working.Kernel;
        _totals.Netstat.CopyTo(kernel.Netstat);
        _totals.Mptcp.CopyTo(kernel.Mptcp);
        _totals.Snmp.CopyTo(kernel.Snmp);
        _totals.Udp.CopyTo(kernel.UdpCounters);
        kernel.Sockstat = _sockets;
        _working.Host.Status = ReadResult.Ok;
        kernel[SourceId.Netstat] = kernel[SourceId.Snmp] = kernel[SourceId.Sockstat] = ReadResult.Ok;
        _working.StartUnixMilliseconds = _working.StartUnixMilliseconds == 0 ? time.GetUtcNow().ToUnixTimeMilliseconds() : _working.StartUnixMilliseconds;
        _working.Samples++;
        _working.SampledAt = time.GetElapsedTime(0);
        _working.LastSampleUnixMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
        store.Publish(_working, time.GetTimestamp());
    }

    private static void Zero(CounterTable table, KernelCounterGroup group)
    {
        var names = table.Names;
        for (var i = 0; i < names.Length; i++)
        {
            if (KernelCounterCatalogue.IsGauge(group, names[i]))
            {
                table.Values[i] = 0;
            }
        }
    }

    private void Add(KernelCounterGroup group, CounterTable read, CounterTable last, CounterTable total, bool isCounted)
    {
        last.TakeNames(read);
        total.TakeNames(read);
        var names = read.Names;
        for (var i = 0; i < names.Length; i++)
        {
            var (value, before) = (read.Values[i], last.Values[i]);
            last.Values[i] = value;
            if (KernelCounterCatalogue.IsGauge(group, names[i]))
            {
                // CurrEstab is a number of connections and is summed. The other gauges are parameters
                total.Values[i] = names[i] == "CurrEstab" ? total.Values[i] + value : value;
            }
            else if (isCounted && value > before)
            {
                total.Values[i] += value - before;
                Count(group, names[i], value - before);
            }
        }
    }

    private void Count(KernelCounterGroup group, string name, ulong added)
    {
        if (group == KernelCounterGroup.TcpExt)
        {
            _recent.CountTcpExt(name, added);
        }
        else if (group == KernelCounterGroup.Tcp)
        {
            _recent.CountTcp(name, added);
        }
    }
}
