using TcpStatExporter.Advisor;
using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.View;

/// <summary>Builds views from the last published data. Takes no lock that the sampler needs.</summary>
/// <param name="store">Where samples are published.</param>
/// <param name="advice">Where advice is published.</param>
/// <param name="host">Name of the host.</param>
/// <param name="namespaces">Network namespaces that were found; null if they are not watched.</param>
internal sealed class ViewReader(SampleStore store, AdviceStore advice, string host, Func<IReadOnlyList<NetnsView>?>? namespaces = null)
{
    private static readonly HashSet<string> Losses = [.. Examiner.Losses];

    private readonly Lock _lock = new();
    private readonly RecentPast _recent = new();
    private NamespaceSample _sample = new();
    private Advice _advice = Advice.None;

    /// <summary>True for a network namespace other than the host's own.</summary>
    public bool IsOther { get; init; }

    /// <summary>Builds a view from the last published data.</summary>
    public HostView Read()
    {
        lock (_lock)
        {
            _advice = advice.Latest;
            using var lease = store.Take(_recent);
            _sample = lease.Sample;
            return Make(lease);
        }
    }

    private static double? PerSecond(ulong now, ulong before, TimeSpan time) =>
        time > TimeSpan.Zero ? (now >= before ? now - before : 0) / time.TotalSeconds : null;

    private HostView Make(in SampleLease lease)
    {
        var before = _recent.Before(_sample);
        var listeners = Listeners(before);
        return new HostView
        {
            Host = host,
            UnixMilliseconds = _sample.LastSampleUnixMilliseconds,
            Age = lease.Age,
            IsStale = _sample.IsStale,
            Watched = TimeSpan.FromMilliseconds(Math.Max(0, _sample.LastSampleUnixMilliseconds - _sample.StartUnixMilliseconds)),
            PeakWindow = _sample.PeakWindow,
            RateWindow = before is null ? null : _sample.SampledAt - before.At,
            Verdict = Verdict.Of(lease, _advice),
            HistoryTimes = History(point => _sample.SampledAt - point.At),
            States = States(),
            StatesAge = Has(SourceId.Sockets) ? _sample.StatesAge : null,
            CloseWaitUnaccepted = Has(SourceId.Sockets) ? _sample.Kernel.CloseWaitUnaccepted : null,
            Established = Established(),
            Lost = Lost(),
            WorstFill = WorstFill(listeners),
            Listeners = listeners,
            Closed = Closed(),
            LostUnattributed = Has(SourceId.Listeners) ? _sample.Unattributed.Total : null,
            ListenersLeftOut = _sample.ListenersNotExported,
            UnixListeners = UnixListeners(),
            UnixListenersLeftOut = Has(SourceId.Unix) ? _sample.UnixListenersNotExported : 0,
            Counters = Counters(before),
            Limits = [.. Limits()],
            Runbooks = _advice.Runbooks,
            Findings = _advice.Judged.Count == 0 || _sample.IsStale ? null : _advice.Findings,
            JudgedUnixMilliseconds = _advice.UnixMilliseconds,
            Sources = Sources(),
            Namespaces = namespaces?.Invoke(),
            SweptUnixMilliseconds = Has(SourceId.Sweep) ? _sample.Sweep.UnixMilliseconds : 0,
            Peers = Peers(),
            PeersTime = HasTraffic ? _sample.Sweep.TrafficTime : null,
        };
    }

    private bool Has(SourceId id) => _sample.Status(id).IsOk;

    /// <summary>Of another network namespace, only some sources are read.</summary>
    private bool Reads(AnySource source) => !IsOther || source.StatusIn(_sample).Status != SourceStatus.NotRead;

    private T[] History<T>(Func<RecentPoint, T> of)
    {
        var values = new T[_recent.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = of(_recent[i]);
        }

        return values;
    }

    private double?[] StateHistory(TcpState state) => History(point => point.HasStates ? point.States[state] : (double?)null);

    private StateView[]? States() => Has(SourceId.Sockets)
        ? [.. TcpStates.Known.ToArray().Select(state => new StateView(
            state,
            state.Name().ToUpperInvariant(),
            _sample.Kernel.States[state],
            _sample.StatePeaks[state],
            StateHistory(state)))]
        : null;

    private Trend Established() => new(
        Has(SourceId.Sockets) ? _sample.Kernel.States[TcpState.Established] : null,
        Has(SourceId.Sockets) ? _sample.StatePeaks[TcpState.Established] : null,
        StateHistory(TcpState.Established));

    /// <summary>Each point is the increase since the previous one, so the first is unknown.</summary>
    private Trend Lost()
    {
        var history = new double?[_recent.Count];
        for (var i = 1; i < history.Length; i++)
        {
            ref readonly var point = ref _recent[i];
            ref readonly var last = ref _recent[i - 1];
            history[i] = point.HasListenDrops && last.HasListenDrops ? PerSecond(point.ListenDrops, last.ListenDrops, point.At - last.At) : null;
        }

        var rate = _recent.Before(_sample) is { NetstatStatus.IsOk: true } before && Has(SourceId.Netstat)
            ? Rate(_sample.Kernel.Netstat, before.Netstat, "ListenDrops", _sample.SampledAt - before.At)
            : null;
        return new Trend(rate, history.Max(), history);
    }

    /// <summary>The peak includes closed listeners, as far back as the points go.</summary>
    private Trend WorstFill(ListenerView[]? listeners)
    {
        var history = History(point => double.IsNaN(point.WorstFill) ? (double?)null : point.WorstFill);
        var (now, peak) = ((listeners ?? []).Select(listener => listener.Fill).Max(), (listeners ?? []).Select(listener => listener.FillPeak).Max());
        return new Trend(now, listeners is null ? null : history.Append(peak).Max(), history);
    }

    private static double? Rate(CounterTable now, CounterTable before, string name, TimeSpan time) =>
        now.IndexOf(name) is var i and >= 0 && before.IndexOf(name) is var j and >= 0 ? PerSecond(now.Values[i], before.Values[j], time) : null;

    private ListenerView[]? Listeners(RecentMark? before)
    {
        if (!Has(SourceId.Listeners))
        {
            return null;
        }

        var drops = new Dictionary<ListenerIdentity, ListenerDrops>();
        foreach (ref readonly var listener in before is null ? [] : before.Drops.Span)
        {
            drops[listener.Identity] = listener;
        }

        var connections = new Dictionary<ListenerIdentity, TcpStateCounts>();
        foreach (ref readonly var listener in Has(SourceId.Sweep) ? _sample.Sweep.Listeners.Span : [])
        {
            connections[listener.Identity] = listener.Connections;
        }

        var views = new ListenerView[_sample.Listeners.Count];
        for (var i = 0; i < views.Length; i++)
        {
            ref readonly var listener = ref _sample.Listeners[i];
            var then = drops.GetValueOrDefault(listener.Identity);
            var time = listener.HasDrops && before is { ListenersStatus.IsOk: true } ? _sample.ListenersAt - before.ListenersAt : TimeSpan.Zero;
            views[i] = new ListenerView
            {
                Identity = listener.Identity,
                Endpoint = Words.Endpoint(listener.Identity),
                Condition = _advice.ConditionOf(listener.Identity),
                Sockets = listener.Sockets,
                Queue = listener.QueueLength,
                QueueLimit = listener.HasLimit ? listener.QueueLimit : null,
                Fill = listener.HasLimit ? listener.FillRatio : null,
                QueuePeak = (long)listener.QueuePeak,
                FillPeak = listener.HasLimit ? listener.FillRatioPeak : null,
                Oldest = Known(listener, listener.OldestSeconds),
                OldestPeak = Known(listener, listener.OldestSecondsPeak),
                ArrivalsPerSecond = listener.ArrivalRate > 0 ? listener.ArrivalRate : null,
                QueuedBytes = listener.HasWaits ? listener.QueuedBytes : null,
                Lost = listener.HasDrops ? listener.Lost : null,
                LostPerSecond = PerSecond(listener.Lost.Total, then.Lost, time),
                SinceLastLoss = _sample.ListenersAt - listener.LastLoss,
                Drops = listener.HasDrops ? listener.Drops : null,
                DropsPerSecond = PerSecond(listener.Drops, then.Drops, time),
                SinceLastDrop = listener.HasDrops ? _recent.SinceDrop(_sample, listener) : null,
                OpenedUnixMilliseconds = listener.OpenedUnixMilliseconds,
                SynQueue = Has(SourceId.Sockets) ? listener.SynQueueLength : null,
                SynQueuePeak = Has(SourceId.Sockets) ? (long)listener.SynQueuePeak : null,
                Connections = connections.TryGetValue(listener.Identity, out var counts) ? counts : null,
            };
        }

        return
        [
            .. views
                .OrderByDescending(view => view.Condition)
                .ThenByDescending(view => view.LostPerSecond ?? 0)
                .ThenByDescending(view => view.FillPeak ?? 0)
                .ThenByDescending(view => view.Queue)
                .ThenByDescending(view => view.SynQueuePeak ?? 0)
                .ThenByDescending(view => view.Lost?.Total ?? 0)
                .ThenBy(view => view.Identity.Port)
                .ThenBy(view => view.Endpoint, StringComparer.Ordinal)
                .ThenBy(view => view.Identity.Unit, StringComparer.Ordinal),
        ];
    }

    private static double? Known(in ListenerSample listener, double seconds) => listener.HasWaits && !double.IsNaN(seconds) ? seconds : null;

    private ClosedView[]? Closed()
    {
        if (!Has(SourceId.Listeners))
        {
            return null;
        }

        var views = new ClosedView[_sample.Closed.Count];
        for (var i = 0; i < views.Length; i++)
        {
            ref readonly var closed = ref _sample.Closed[i];
            var identity = closed.Last.Identity;
            views[i] = new ClosedView(
                identity, Words.Endpoint(identity), _sample.ListenersAt - closed.LastSeen, closed.Listened, closed.Last.Lost.Total, _advice.ConditionOf(identity));
        }

        return [.. views.OrderBy(view => view.Ago).ThenBy(view => view.Identity.Port)];
    }

    private UnixListenerView[]? UnixListeners()
    {
        if (!Has(SourceId.Unix))
        {
            return null;
        }

        var views = new UnixListenerView[_sample.UnixListeners.Count];
        for (var i = 0; i < views.Length; i++)
        {
            ref readonly var listener = ref _sample.UnixListeners[i];
            views[i] = new UnixListenerView(
                listener.Identity,
                listener.Uid,
                listener.Sockets,
                listener.QueueLength,
                listener.QueueLimit,
                (long)listener.QueuePeak,
                listener.FillRatio,
                listener.FillRatioPeak);
        }

        return
        [
            .. views
                .OrderByDescending(view => view.Fill)
                .ThenByDescending(view => view.FillPeak)
                .ThenByDescending(view => view.Queue)
                .ThenBy(view => view.Identity.Path, StringComparer.Ordinal),
        ];
    }

    private CounterView[]? Counters(RecentMark? before)
    {
        var moving = new List<CounterView>();
        var isKnown = false;
        if (before is { SnmpStatus.IsOk: true } && Has(SourceId.Snmp))
        {
            isKnown = true;
            AddMoving(KernelCounterGroup.Tcp, _sample.Kernel.Snmp, before.Snmp, _sample.SampledAt - before.At, moving);
            AddMoving(KernelCounterGroup.Udp, _sample.Kernel.UdpCounters, before.Udp, _sample.SampledAt - before.At, moving);
            AddMoving(KernelCounterGroup.Udp6, _sample.Kernel.Udp6Counters, before.Udp6, _sample.SampledAt - before.At, moving);
        }

        if (before is { NetstatStatus.IsOk: true } && Has(SourceId.Netstat))
        {
            isKnown = true;
            AddMoving(KernelCounterGroup.TcpExt, _sample.Kernel.Netstat, before.Netstat, _sample.SampledAt - before.At, moving);
            AddMoving(KernelCounterGroup.MPTcpExt, _sample.Kernel.Mptcp, before.Mptcp, _sample.SampledAt - before.At, moving);
        }

        if (before is not null)
        {
            AddMovingQueues(before, moving);
        }

        return isKnown ? [.. moving.OrderByDescending(counter => counter.IsLoss)] : null;
    }

    private static void AddMoving(KernelCounterGroup group, CounterTable now, CounterTable before, TimeSpan time, List<CounterView> moving)
    {
        foreach (var counter in KernelCounterCatalogue.Curated(group))
        {
            if (!counter.IsGauge && Rate(now, before, counter.KernelName, time) is > 0 and var rate)
            {
                moving.Add(new CounterView(
                    counter.Spelling,
                    rate,
                    now.Values[now.IndexOf(counter.KernelName)],
                    Losses.Contains(counter.Spelling),
                    counter.Meaning));
            }
        }
    }

    private void AddMovingQueues(RecentMark before, List<CounterView> moving)
    {
        for (var i = 0; i < QueueCounter.All.Count; i++)
        {
            var counter = QueueCounter.All[i];
            if (counter.Of(_sample) is { } now && before.Queues[i] is { } earlier && PerSecond(now, earlier, _sample.SampledAt - before.At) is > 0 and var rate)
            {
                moving.Add(new CounterView(counter.Name, rate, now, counter.IsLoss, counter.Help));
            }
        }
    }

    private IEnumerable<LimitView> Limits() => [.. TcpLimits(), .. QueueLimits()];

    /// <summary>Returns the limits of other queues that are not empty.</summary>
    private IEnumerable<LimitView> QueueLimits()
    {
        if (Has(SourceId.Conntrack) && _sample.Kernel.Conntrack is { HasEntries: true, Entries: > 0 and var entries })
        {
            // 0 means no limit
            long? limit = First(Sysctl.NfConntrackMax) is > 0 and var max ? max : null;
            yield return new LimitView(LimitKind.Conntrack, "connection tracking", entries, limit, Sysctl.NfConntrackMax.Name(), "");
        }

        if (Has(SourceId.Udp) && _sample.UdpReceivers.Count > 0 && _sample.UdpReceivers[0] is { } first && (first.Drops > 0 || first.QueueBytes > 0))
        {
            yield return new LimitView(
                LimitKind.UdpReceiver,
                "UDP receive queue",
                first.QueueBytes,
                first.LimitBytes > 0 ? first.LimitBytes : null,
                "SO_RCVBUF",
                $"{Words.Name(first.Identity)}, {Words.Count(first.Drops)} dropped");
        }

        if (UnixListeners()?.MaxBy(view => view.FillPeak) is { QueuePeak: > 0 } fullest)
        {
            yield return new LimitView(
                LimitKind.UnixListener,
                "AF_UNIX accept queue",
                fullest.Queue,
                fullest.QueueLimit,
                "listen(2)",
                $"{fullest.Identity.Text}, peak {fullest.QueuePeak}");
        }
    }

    private IEnumerable<LimitView> TcpLimits()
    {
        var sweep = _sample.Sweep;
        if (Has(SourceId.Sweep) && (Reads(SourceId.Sysctl) || sweep.PortsLimit >= 0))
        {
            long? ports = sweep.PortsLimit >= 0 ? sweep.PortsLimit : null;
            var all = Math.Max(sweep.PortsUsedIPv4, sweep.PortsUsedIPv6);
            yield return new LimitView(
                LimitKind.EphemeralPorts, "ephemeral ports", all, ports, Sysctl.IpLocalPortRange.Name(), $"IPv4 {sweep.PortsUsedIPv4}, IPv6 {sweep.PortsUsedIPv6}");
            if (sweep.BusiestPortsUsed > 0)
            {
                yield return new LimitView(
                    LimitKind.BusiestDestination,
                    "ports to one destination",
                    sweep.BusiestPortsUsed,
                    ports,
                    Sysctl.IpLocalPortRange.Name(),
                    $"{Words.Endpoint(sweep.Busiest.Address, sweep.Busiest.Port)} from {sweep.Busiest.Source}");
            }
        }

        // of other network namespaces, the parameters cannot be read
        if (_sample.Host.Sockets is not { } sockets || !Reads(SourceId.Sysctl))
        {
            yield break;
        }

        yield return new LimitView(LimitKind.TimeWait, "TIME_WAIT", _sample.Kernel.Sockstat.TcpTimeWait, First(Sysctl.TcpMaxTwBuckets), Sysctl.TcpMaxTwBuckets.Name(), "");
        var memory = Has(SourceId.Sysctl) ? _sample.Host.Parameter(Sysctl.TcpMem) : default;
        yield return new LimitView(
            LimitKind.Memory,
            "TCP memory",
            sockets.MemoryPages * Environment.SystemPageSize,
            memory.Count == 3 ? memory.Third * Environment.SystemPageSize : null,
            Sysctl.TcpMem.Name(),
            memory.Count == 3 ? $"pressure at {Words.Mebibytes((double)memory.Second * Environment.SystemPageSize)}" : "");
        yield return new LimitView(LimitKind.Orphans, "orphans", sockets.Orphans, First(Sysctl.TcpMaxOrphans), Sysctl.TcpMaxOrphans.Name(), "");
    }

    private long? First(Sysctl name) => Has(SourceId.Sysctl) && _sample.Parameter(name) is { Count: > 0 } value ? value.First : null;

    private bool HasTraffic => Has(SourceId.Sweep) && _sample.Sweep.TrafficTime > TimeSpan.Zero;

    private PeerView[]? Peers()
    {
        if (!HasTraffic)
        {
            return null;
        }

        var views = new PeerView[_sample.Sweep.Peers.Count];
        for (var i = 0; i < views.Length; i++)
        {
            ref readonly var peer = ref _sample.Sweep.Peers[i];
            views[i] = new PeerView(
                peer.Peer.Text,
                peer.Connections,
                peer.Traffic.Sent,
                peer.Traffic.Retransmitted,
                peer.Traffic.RetransmittedRatio,
                double.IsNaN(peer.RoundTripSeconds) ? null : peer.RoundTripSeconds,
                peer.IsInTrouble);
        }

        return views;
    }

    private SourceView[] Sources() =>
        [.. AnySource.All.Select(source => new SourceView(
            source.Name, source.In(_sample).Exists ? source.In(_sample).Method.Name() : "", source.StatusIn(_sample)) { Exists = Reads(source) })];
}
