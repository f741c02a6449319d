using System.Runtime.InteropServices;
using Prometheus;
using TcpStatExporter.Advisor;
using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>
/// The metrics page. A scrape takes the last published sample, sets the series in a prometheus-net registry and exports them
/// to memory. It holds no lock of the sampler, and a tick uses nothing of this class. Scrapes run one at a time.
/// </summary>
internal sealed class MetricsPage
{
    /// <summary>A listener that was open for less time was never in service.</summary>
    private static readonly TimeSpan Deployed = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MetricFactory _factory;
    private readonly SubjectKinds _kinds = new();
    private readonly List<NamespaceSeries> _namespaces;
    private readonly OtherNamespaces? _others;
    private readonly Subject _exporter;
    private readonly ProcessStatistics? _process;
    private readonly IFiller[] _fillers;

    /// <summary>Creates the page for the host's own network namespace.</summary>
    /// <param name="store">Where samples are published.</param>
    /// <param name="advice">Where advice is published.</param>
    /// <param name="process">The daemon's own metrics. Null if another program with its own metrics serves the page.</param>
    /// <param name="allCounters">Export every counter that the kernel prints, not only the curated ones.</param>
    /// <param name="droppedLogLines">Log lines dropped since the start. Null if there is no log.</param>
    /// <param name="netns">Value of the label <c>netns</c> for every series. Null: no such label.</param>
    public MetricsPage(SampleStore store, AdviceStore advice, ProcessStatistics? process, bool allCounters, Func<long>? droppedLogLines = null, string? netns = null)
        : this([new PublishedNamespace("", store, advice)], process, allCounters, droppedLogLines, netns)
    {
    }

    /// <summary>Creates the page.</summary>
    /// <param name="namespaces">The namespaces on it. The host's own is first.</param>
    /// <param name="process">The daemon's own metrics. Null if another program with its own metrics serves the page.</param>
    /// <param name="allCounters">Export every counter that the kernel prints, not only the curated ones.</param>
    /// <param name="droppedLogLines">Log lines dropped since the start. Null if there is no log.</param>
    /// <param name="netns">Value of the label <c>netns</c> for every series. Null: no such label.</param>
    /// <param name="others">Network namespaces that come and go; null if they are not watched.</param>
    public MetricsPage(
        IEnumerable<PublishedNamespace> namespaces,
        ProcessStatistics? process,
        bool allCounters,
        Func<long>? droppedLogLines = null,
        string? netns = null,
        OtherNamespaces? others = null)
    {
        if (netns is not null)
        {
            _registry.SetStaticLabels(new Dictionary<string, string>(StringComparer.Ordinal) { ["netns"] = LabelValue.Bound(netns) });
        }

        // by default, prometheus-net would use the trace of the scrape request as an exemplar
        _factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        _factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
        _process = process;
        _others = others;
        _exporter = new Subject(_kinds.Exporter, netns: "");
        _fillers = [.. Connections(), .. Listeners(), .. Counters(allCounters), .. Sockets(), .. Ports(), .. OtherQueues(), new FindingFiller(Numbers(MetricCatalogue.Finding, _kinds.Namespace, MetricLabels.Findings)), .. Others(others), .. Exporter(droppedLogLines), .. Process()];
        _namespaces = [.. namespaces.Select(one => new NamespaceSeries(one, _kinds))];
    }

    /// <summary>Writes one page.</summary>
    /// <param name="page">Receives the page. Its previous content is replaced.</param>
    /// <param name="format">Format of the page.</param>
    public void Render(MemoryStream page, ExpositionFormat format)
    {
        page.SetLength(0);
        lock (_lock)
        {
            Follow();
            foreach (var one in _namespaces)
            {
                one.Begin();
            }

            try
            {
                _process?.Read();
                foreach (var filler in _fillers)
                {
                    filler.Fill(CollectionsMarshal.AsSpan(_namespaces));
                }
            }
            finally
            {
                foreach (var one in _namespaces)
                {
                    one.End();
                }
            }

            _exporter.HideRest();
            var to = format == ExpositionFormat.OpenMetrics ? Prometheus.ExpositionFormat.OpenMetricsText : Prometheus.ExpositionFormat.PrometheusText;

            // the target is memory, so this has completed when it returns
            _registry.CollectAndExportAsTextAsync(page, to).GetAwaiter().GetResult();
        }
    }

    /// <summary>Takes over who has series now. What is gone goes first: its labels may be those of a new one.</summary>
    private void Follow()
    {
        if (_others is null)
        {
            return;
        }

        var now = _others.Published();
        for (var i = _namespaces.Count - 1; i >= 0; i--)
        {
            var watched = _namespaces[i].Watched;
            if (watched is not null && !now.Any(one => ReferenceEquals(one.Watched, watched)))
            {
                _namespaces[i].Remove();
                _namespaces.RemoveAt(i);
            }
        }

        foreach (var one in now)
        {
            if (!_namespaces.Exists(known => ReferenceEquals(known.Watched, one.Watched)))
            {
                _namespaces.Add(new NamespaceSeries(one, _kinds));
            }
        }
    }

    private static bool Has(NamespaceSample sample, SourceId id) => sample.Status(id).IsOk;

    private static TcpState StateOf(int variant) => variant < TcpStates.Known.Length ? TcpStates.Known[variant] : TcpState.None;

    private static double? StateValue(NamespaceSample sample, int variant, in TcpStateCounts counts) =>
        Has(sample, SourceId.Sockets) && (StateOf(variant) != TcpState.None || sample.HasUnknownState) ? counts[StateOf(variant)] : null;

    /// <summary>Returns true for an ephemeral port. A listener there is not a service that anybody looks for.</summary>
    private static bool IsEphemeral(NamespaceSample sample, ushort port) =>
        Has(sample, SourceId.Sysctl)
        && sample.Kernel.Sysctls[Sysctl.IpLocalPortRange] is { Count: 2 } range
        && port >= range.First
        && port <= range.Second
        && !sample.Kernel.Sysctls.ReservedPorts.Contains(port);

    /// <summary>
    /// Returns true for a reason that can occur. It is exported as 0 from the start, because a rate needs a sample before the
    /// first error.
    /// </summary>
    private static bool IsPossible(SourceError error, SourceMethod method) => error switch
    {
        SourceError.PermissionDenied or SourceError.Io or SourceError.Truncated or SourceError.Malformed or SourceError.Internal => true,
        SourceError.Timeout or SourceError.NoBuffers or SourceError.Interrupted or SourceError.Unsupported => method == SourceMethod.Netlink,
        _ => method == SourceMethod.Procfs,
    };

    /// <summary>A limit in pages can be so large that the bytes do not fit into a long.</summary>
    private static double Bytes(long pages) => (double)pages * Environment.SystemPageSize;

    private static double? Limit(NamespaceSample sample, Sysctl sysctl) =>
        Has(sample, SourceId.Sysctl) && sample.Parameter(sysctl) is { Count: > 0 } value ? value.First : null;

    private static double? SysctlOf(NamespaceSample sample, int variant)
    {
        if (!Has(sample, SourceId.Sysctl))
        {
            return null;
        }

        // first each one without an index, then with its indexes
        var alone = SysctlExtensions.All.Count;
        var (number, index) = variant < alone ? (variant, 0) : ((variant - alone) / MetricLabels.MaxSysctlValues, (variant - alone) % MetricLabels.MaxSysctlValues);
        ref readonly var value = ref sample.Parameter(SysctlExtensions.All[number]);
        return index < value.Count && value.Count > 1 == variant >= alone ? value[index] : null;
    }

    private static double? ErrorsOf(NamespaceSample sample, int variant)
    {
        var error = (SourceError)((int)SourceError.NotFound + (variant % MetricLabels.CountedErrors));
        ref readonly var source = ref AnySource.All[variant / MetricLabels.CountedErrors].In(sample);
        return source.Exists && (source[error] > 0 || IsPossible(error, source.Method)) ? source[error] : null;
    }

    private static double? IsUp(NamespaceSample sample, int source) => AnySource.All[source].StatusIn(sample).Status switch
    {
        _ when !AnySource.All[source].In(sample).Exists => null,
        SourceStatus.Absent => null,
        SourceStatus.Ok => 1,
        _ => 0,
    };

    private static double? ConntrackDropsOf(NamespaceSample sample, int reason) =>
        !Has(sample, SourceId.Conntrack) || !sample.Kernel.Conntrack.HasStatistics ? null : reason switch
        {
            0 => sample.Kernel.Conntrack.Statistics.Dropped,
            1 => sample.Kernel.Conntrack.Statistics.EarlyDropped,
            _ => sample.Kernel.Conntrack.Statistics.InsertFailed,
        };

    private static double? MethodOf(NamespaceSample sample, int variant)
    {
        var methods = MetricLabels.Methods.Length / MetricLabels.Sources.Length;
        ref readonly var source = ref AnySource.All[variant / methods].In(sample);
        return source.Exists && source.Method == (SourceMethod)(variant % methods) ? 1 : null;
    }

    private IFiller[] Connections() =>
    [
        Each(MetricCatalogue.Connections, MetricLabels.States, static (s, state) => StateValue(s, state, s.Kernel.States)),
        Each(MetricCatalogue.ConnectionsPeak, MetricLabels.States, static (s, state) => StateValue(s, state, s.StatePeaks)),
        Each(MetricCatalogue.StatesAge, static (s, _) => Has(s, SourceId.Sockets) ? s.StatesAge.TotalSeconds : null),
        Each(MetricCatalogue.CloseWaitUnaccepted, static (s, _) => Has(s, SourceId.Sockets) ? s.Kernel.CloseWaitUnaccepted : null),
        new RowFiller<HolderSample>(Numbers(MetricCatalogue.CloseWaitHeld, _kinds.CloseWait, MetricLabels.None), static n => n.CloseWait, static (_, in h, _) => h.Connections),
        Each(MetricCatalogue.SynSentSeconds, static (s, _) => Has(s, SourceId.Sockets) ? s.SynSentSeconds : null),
        new RowFiller<HolderSample>(Numbers(MetricCatalogue.SynSentDestination, _kinds.SynSent, MetricLabels.None), static n => n.SynSent, static (_, in h, _) => h.Connections),
    ];

    private IFiller[] Listeners() =>
    [
        Listener(MetricCatalogue.ListenSockets, static (_, in l, _) => l.Sockets),
        Listener(MetricCatalogue.ListenQueueLength, static (_, in l, _) => l.QueueLength),
        Listener(MetricCatalogue.ListenQueueLimit, static (_, in l, _) => l.HasLimit ? l.QueueLimit : null),
        Listener(MetricCatalogue.ListenQueuePeak, static (_, in l, _) => l.QueuePeak),
        new FillRatioFiller(new HistogramSeries(_factory, MetricCatalogue.ListenQueueFillRatio, _kinds.Listener, MetricLabels.None, ListenerSample.FillRatioBounds)),
        Listener(MetricCatalogue.ListenQueueFillRatioPeak, static (_, in l, _) => l.HasLimit && !double.IsNaN(l.FillRatioPeak) ? l.FillRatioPeak : null),
        Listener(MetricCatalogue.ListenQueueOldest, static (_, in l, _) => l.HasWaits && !double.IsNaN(l.OldestSeconds) ? l.OldestSeconds : null),
        Listener(MetricCatalogue.ListenQueueOldestPeak, static (_, in l, _) => l.HasWaits ? l.OldestSecondsPeak : null),
        new WaitFiller(new HistogramSeries(_factory, MetricCatalogue.ListenQueueWait, _kinds.Listener, MetricLabels.None, QueueWaits.SecondsBounds)),
        Listener(MetricCatalogue.ListenQueueMemory, static (_, in l, _) => l.HasWaits ? l.QueuedBytes : null),
        Listener(MetricCatalogue.ListenDrops, static (_, in l, _) => l.HasDrops ? l.Drops : null),

        // derived from netstat's counters: without netstat, nothing is known
        Listener(MetricCatalogue.ListenLost, static (s, in l, reason) => l.HasDrops && Has(s, SourceId.Netstat) ? l.Lost[(LossReason)reason] : null, MetricLabels.Losses),
        Each(
            MetricCatalogue.ListenLostUnattributed,
            MetricLabels.Losses,
            static (s, reason) => Has(s, SourceId.Listeners) && Has(s, SourceId.Netstat) ? s.Unattributed[(LossReason)reason] : null),
        Listener(MetricCatalogue.ListenOpened, static (_, in l, _) => l.OpenedUnixMilliseconds / 1000.0),
        Listener(MetricCatalogue.ListenOpenings, static (_, in l, _) => l.Openings),
        new RowFiller<ClosedListener>(
            Numbers(MetricCatalogue.ListenClosed, _kinds.Closed, MetricLabels.None),
            static n => n.Closed,
            static (s, in c, _) => c.Listened < Deployed || IsEphemeral(s, c.Last.Identity.Port) ? null : c.ClosedUnixMilliseconds / 1000.0),
        Listener(MetricCatalogue.ListenSynQueueLength, static (s, in l, _) => Has(s, SourceId.Sockets) ? l.SynQueueLength : null),
        Listener(MetricCatalogue.ListenSynQueuePeak, static (s, in l, _) => Has(s, SourceId.Sockets) ? l.SynQueuePeak : null),
        new RowFiller<SweepListener>(
            Numbers(MetricCatalogue.ListenConnections, _kinds.Swept, MetricLabels.ListenerStates),
            static n => n.Swept,
            static (_, in l, state) => l.Connections[MetricLabels.ConnectionStates[state]]),
        new RowFiller<SweepListener>(Numbers(MetricCatalogue.ListenUnread, _kinds.Swept, MetricLabels.None), static n => n.Swept, static (_, in l, _) => l.Unread),
    ];

    private IFiller[] Counters(bool all) =>
    [
        .. Enum.GetValues<KernelCounterGroup>().Select(group =>
            new CounterFiller(group, new KernelCounterSeries(group, all, family => Numbers(family, _kinds.Namespace, MetricLabels.None)))),
    ];

    private IFiller[] Sockets() =>
    [
        Each(MetricCatalogue.SocketsInUse, MetricLabels.Families, static (s, family) =>
            !Has(s, SourceId.Sockstat) ? null : family == 0 ? s.Kernel.Sockstat.TcpInUse : s.Kernel.Sockstat.HasTcp6 ? s.Kernel.Sockstat.Tcp6InUse : null),
        HostWide(MetricCatalogue.SocketsAllocated, static (s, _) => s.Host.Sockets?.Allocated),
        HostWide(MetricCatalogue.SocketsOrphaned, static (s, _) => s.Host.Sockets?.Orphans),
        HostWide(MetricCatalogue.SocketsOrphanedLimit, static (s, _) => Limit(s, Sysctl.TcpMaxOrphans)),
        Each(MetricCatalogue.SocketsTimeWait, static (s, _) => Has(s, SourceId.Sockstat) ? s.Kernel.Sockstat.TcpTimeWait : null),
        Each(MetricCatalogue.SocketsTimeWaitLimit, static (s, _) => Limit(s, Sysctl.TcpMaxTwBuckets)),
        HostWide(MetricCatalogue.Memory, static (s, _) => s.Host.Sockets is { } sockets ? Bytes(sockets.MemoryPages) : null),
        HostWide(MetricCatalogue.MemoryLimit, MetricLabels.Levels, static (s, level) =>
            Has(s, SourceId.Sysctl) && s.Host.Parameter(Sysctl.TcpMem) is var pages && pages.Count == MetricLabels.Levels.Length ? Bytes(pages[level]) : null),
        Each(MetricCatalogue.SysctlValue, MetricLabels.Sysctls, SysctlOf),
    ];

    private IFiller[] Ports() =>
    [
        Each(MetricCatalogue.EphemeralPortsUsed, MetricLabels.Families, static (s, family) => Swept(s, family == 0 ? s.Sweep.PortsUsedIPv4 : s.Sweep.PortsUsedIPv6)),
        Each(MetricCatalogue.EphemeralPortsLimit, static (s, _) => Swept(s, s.Sweep.PortsLimit)),
        Each(MetricCatalogue.EphemeralPortsBusiest, static (s, _) => Swept(s, s.Sweep.BusiestPortsUsed)),
        Each(MetricCatalogue.EphemeralPortsHeld, static (s, _) => Swept(s, s.Sweep.Scarcest.Held)),
        new RowFiller<NamespaceSeries.Named>(
            Numbers(MetricCatalogue.EphemeralPortsDestination, _kinds.Scarcest, MetricLabels.None), static n => n.Scarcest, static (_, in _, _) => 1),
        Peer(MetricCatalogue.DestinationRetransmitted, static (_, in p, _) => p.IsInTrouble ? p.Traffic.RetransmittedRatio : null),
        Peer(MetricCatalogue.DestinationRoundTrip, static (_, in p, _) => p.IsInTrouble && !double.IsNaN(p.RoundTripSeconds) ? p.RoundTripSeconds : null),
        Each(MetricCatalogue.LastSweep, static (s, _) => Has(s, SourceId.Sweep) ? s.Sweep.UnixMilliseconds / 1000.0 : null),
    ];

    private IFiller[] OtherQueues() =>
    [
        Each(MetricCatalogue.ConntrackEntries, static (s, _) => Has(s, SourceId.Conntrack) && s.Kernel.Conntrack.HasEntries ? s.Kernel.Conntrack.Entries : null),
        Each(MetricCatalogue.ConntrackEntriesLimit, static (s, _) => Limit(s, Sysctl.NfConntrackMax)),
        Each(MetricCatalogue.ConntrackDrops, MetricLabels.ConntrackDrops, ConntrackDropsOf),
        Udp(MetricCatalogue.UdpDrops, static (_, in u, _) => u.Drops),
        Udp(MetricCatalogue.UdpQueue, static (_, in u, _) => u.QueueBytes),
        Udp(MetricCatalogue.UdpQueueLimit, static (_, in u, _) => u.LimitBytes > 0 ? u.LimitBytes : null),
        Each(MetricCatalogue.UdpSocketDrops, static (s, _) => Has(s, SourceId.Udp) ? s.UdpDrops : null),
        Unix(MetricCatalogue.UnixQueue, static (_, in u, _) => u.QueueLength),
        Unix(MetricCatalogue.UnixQueueLimit, static (_, in u, _) => u.QueueLimit),
        Unix(MetricCatalogue.UnixQueuePeak, static (_, in u, _) => u.QueuePeak),
        Unix(MetricCatalogue.UnixFillRatioPeak, static (_, in u, _) => u.FillRatioPeak),
        Each(MetricCatalogue.UnixListenersNotExported, static (s, _) => Has(s, SourceId.Unix) ? s.UnixListenersNotExported : null),
        HostWide(MetricCatalogue.SoftnetDropped, static (s, _) => s.Host.Status(HostSourceId.Softnet).IsOk ? s.Host.Machine.Softnet.Dropped : null),
        HostWide(MetricCatalogue.SoftnetSqueezed, static (s, _) => s.Host.Status(HostSourceId.Softnet).IsOk ? s.Host.Machine.Softnet.Squeezed : null),
    ];

    /// <summary>Returns a value of the sweep about ports, if the port range is known.</summary>
    private static double? Swept(NamespaceSample sample, int value) => Has(sample, SourceId.Sweep) && sample.Sweep.PortsLimit >= 0 ? value : null;

    private IFiller[] Others(OtherNamespaces? others)
    {
        return others is null
            ? []
            :
            [
                Total(MetricCatalogue.NetnsSeen, static t => t.Seen),
                Total(MetricCatalogue.NetnsSampled, static t => t.Sampled),
                Own(MetricCatalogue.NetnsTier, MetricLabels.Tiers, tier => others.Totals() is { IsOn: true } totals ? ((totals.ListenersSampled > 0 ? 1 : 0) == tier ? 1 : 0) : null),
                Total(MetricCatalogue.NetnsListenersSampled, static t => t.HasListenersTier ? t.ListenersSampled : null),
                Total(MetricCatalogue.NetnsListenSockets, static t => t.ListenersSampled > 0 ? t.Listeners : null),
                Total(MetricCatalogue.NetnsFillRatioPeak, static t => t.ListenersSampled > 0 && !double.IsNaN(t.WorstFill) ? t.WorstFill : null),
                Total(MetricCatalogue.NetnsUnnamed, static t => t.Unnamed),
                Total(MetricCatalogue.NetnsInTrouble, static t => t.InTrouble),
                Total(MetricCatalogue.NetnsNotExported, static t => t.NotExported),
                Total(MetricCatalogue.NetnsConnections, static t => t.Established),
                Total(MetricCatalogue.NetnsTimeWait, static t => t.TimeWait),
                Total(MetricCatalogue.NetnsListenDrops, static t => t.Total.ListenDrops),
                Total(MetricCatalogue.NetnsListenOverflows, static t => t.Total.ListenOverflows),
                Total(MetricCatalogue.NetnsRetransmitted, static t => t.Total.Retransmitted),
                Total(MetricCatalogue.NetnsSent, static t => t.Total.Sent),
                Total(MetricCatalogue.NetnsLastSample, static t => t.UnixMilliseconds / 1000.0),
                new NetnsFiller(Numbers(MetricCatalogue.NetnsInfo, _kinds.Netns, MetricLabels.None)),
            ];

        OwnFiller Total(MetricFamily family, Func<NetnsTotals, double?> value) =>
            Own(family, MetricLabels.None, _ => others.Totals() is { IsOn: true } totals ? value(totals) : null);
    }

    private IEnumerable<IFiller> Exporter(Func<long>? droppedLogLines)
    {
        yield return Own(MetricCatalogue.Build, MetricLabels.Build, static _ => 1);
        yield return HostWide(MetricCatalogue.Samples, static (s, _) => s.Samples);
        yield return HostWide(MetricCatalogue.SamplesMissed, static (s, _) => s.SamplesMissed);
        yield return Each(MetricCatalogue.LastSample, static (s, _) => s.Samples > 0 ? s.LastSampleUnixMilliseconds / 1000.0 : null);
        yield return new DurationFiller(new HistogramSeries(_factory, MetricCatalogue.SampleDuration, _kinds.Namespace, MetricLabels.Sources, SourceStatistics.DurationBounds));
        yield return Each(MetricCatalogue.SourceUp, MetricLabels.Sources, IsUp);
        yield return HostWide(MetricCatalogue.SourceErrors, MetricLabels.Errors, ErrorsOf);
        yield return HostWide(MetricCatalogue.Source, MetricLabels.Methods, MethodOf);
        yield return Each(MetricCatalogue.ListenersNotExported, static (s, _) => Has(s, SourceId.Listeners) ? s.ListenersNotExported : null);
        yield return HostWide(MetricCatalogue.PeakWindow, static (s, _) => s.PeakWindow.TotalSeconds);
        if (droppedLogLines is not null)
        {
            yield return Own(MetricCatalogue.LogLinesDropped, MetricLabels.None, _ => droppedLogLines());
        }
    }

    private IFiller[] Process() => _process is not { } process
        ? []
        :
        [
            Own(MetricCatalogue.ProcessCpu, MetricLabels.None, _ => process.CpuSeconds),
            Own(MetricCatalogue.ProcessOpenFds, MetricLabels.None, _ => process.OpenFiles),
            Own(MetricCatalogue.ProcessMaxFds, MetricLabels.None, _ => process.OpenFilesLimit),
            Own(MetricCatalogue.ProcessVirtualMemory, MetricLabels.None, _ => process.VirtualBytes),
            Own(MetricCatalogue.ProcessResidentMemory, MetricLabels.None, _ => process.ResidentBytes),
            Own(MetricCatalogue.ProcessStartTime, MetricLabels.None, _ => process.StartSeconds),
            Own(MetricCatalogue.ProcessThreads, MetricLabels.None, _ => process.Threads),
            Own(MetricCatalogue.GcCollections, MetricLabels.Generations, static generation => GC.CollectionCount(generation)),
            Own(MetricCatalogue.GcAllocated, MetricLabels.None, static _ => GC.GetTotalAllocatedBytes()),
            Own(MetricCatalogue.GcHeapSize, MetricLabels.None, static _ => GC.GetTotalMemory(forceFullCollection: false)),
        ];

    /// <summary>
    /// Values that all network namespaces share, or that are about the exporter. They are exported once, with the host's own
    /// namespace.
    /// </summary>
    private SampleFiller HostWide(MetricFamily family, SampleValue value) => HostWide(family, MetricLabels.None, value);

    private SampleFiller HostWide(MetricFamily family, string[][] variants, SampleValue value) => new(Numbers(family, _kinds.Namespace, variants), value, isHostWide: true);

    private SampleFiller Each(MetricFamily family, SampleValue value) => Each(family, MetricLabels.None, value);

    private SampleFiller Each(MetricFamily family, string[][] variants, SampleValue value) => new(Numbers(family, _kinds.Namespace, variants), value);

    private RowFiller<ListenerSample> Listener(MetricFamily family, RowValue<ListenerSample> value, string[][]? variants = null) =>
        new(Numbers(family, _kinds.Listener, variants ?? MetricLabels.None), static n => n.Listeners, value);

    private RowFiller<UdpSample> Udp(MetricFamily family, RowValue<UdpSample> value) => new(Numbers(family, _kinds.Udp, MetricLabels.None), static n => n.Udp, value);

    private RowFiller<PeerTraffic> Peer(MetricFamily family, RowValue<PeerTraffic> value) => new(Numbers(family, _kinds.Peer, MetricLabels.None), static n => n.Peers, value);

    private RowFiller<UnixSample> Unix(MetricFamily family, RowValue<UnixSample> value) => new(Numbers(family, _kinds.Unix, MetricLabels.None), static n => n.Unix, value);

    private OwnFiller Own(MetricFamily family, string[][] variants, Func<int, double?> value) => new(Numbers(family, _kinds.Exporter, variants), _exporter, value);

    private INumberSeries Numbers(MetricFamily family, SubjectKind kind, string[][] variants) => family.Type == MetricType.Counter
        ? new CounterSeries(_factory, family, kind, variants)
        : new GaugeSeries(_factory, family, kind, variants);
}
