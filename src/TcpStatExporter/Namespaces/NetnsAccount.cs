using TcpStatExporter.Advisor;
using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// What all network namespaces of one name counted since the exporter first saw them. If a pod restarts, its new namespace
/// continues where the old one ended. Only the watching thread uses this.
/// </summary>
/// <param name="identity">Its name.</param>
/// <param name="peakWindow">Window of the peaks.</param>
internal sealed class NetnsAccount(NetnsIdentity identity, TimeSpan peakWindow)
{
    /// <summary>One or two packets are no sign of trouble.</summary>
    private const ulong Stray = 2;

    /// <summary>Fewer retransmissions are not trouble, whatever their share.</summary>
    private const ulong FewRetransmissions = 100;

    /// <summary>For this many looks in a row, an accept queue has to be full to be trouble.</summary>
    private const int FullLooks = 2;

    /// <summary>How long to wait for the names of the first listeners.</summary>
    private static readonly TimeSpan NamingTime = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Without a read of its listeners for this long, nothing says that one will follow. Longer than <see cref="NamingTime"/>,
    /// and than a look for the next namespace of a pod that starts anew.
    /// </summary>
    private static readonly TimeSpan AwaitTime = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Accept queues of a name with more namespaces than this are not examined: each second, that would be a dump in each of them.
    /// </summary>
    private const int MostExamined = 8;

    /// <summary>Maximum number of connections that are followed from scan to scan.</summary>
    private const int FollowedConnections = 4096;

    private readonly NetnsCounters _totals = new();
    private readonly List<FoundNetns> _scanned = [];
    private readonly List<NetnsSockets> _examined = [];
    private NamespaceSample? _working;
    private NetnsLoss _pending;
    private NetnsLoss _recent;
    private NetnsLoss _total;
    private SockstatCounts _sockets;
    private TimeSpan? _firstLook;
    private TimeSpan _lookedAt;
    private TimeSpan? _missedSince;
    private int _fullLooks;
    private bool _wasFull;
    private double _queueFill = double.NaN;
    private ulong _settledDrops;
    private long _open;
    private double _openedPerSecond;
    private TimeSpan? _endedAt;
    private SocketStates? _states;
    private SweepTally? _sweep;
    private SweepSample? _swept;
    private long _finWait2Minisockets;
    private TimeSpan? _countedAt;
    private bool _hasNewStates;
    private TimeSpan? _sweptAt;
    private bool _isSweep;
    private bool _hasNewSweep;
    private bool _hasTrouble;
    private NetnsWaits? _waits;

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

    /// <summary>It has trouble that the last pass did not see.</summary>
    public bool HasTrouble => _pending.ListenDrops > Stray || _wasFull || Scan.IsTrouble;

    /// <summary>Returns true if it has got into trouble since the last call and had never been before.</summary>
    public bool TakeNews()
    {
        var (had, has) = (_hasTrouble, HasTrouble);
        _hasTrouble = has;
        return has && !had && !WasInTrouble;
    }

    /// <summary>Its namespaces whose listeners the last look read.</summary>
    public List<FoundNetns> Members { get; } = [];

    /// <summary>What is remembered about its listeners. Null if they were never read.</summary>
    public ListenerTable? Listeners { get; set; }

    /// <summary>Returns the owner of a socket. Set before its listeners are read.</summary>
    public Func<ulong, string?>? UnitOf { get; set; }

    /// <summary>What the scans of its sockets found.</summary>
    public NetnsScan Scan { get; } = new();

    /// <summary>
    /// A scan can find something: it has series, or more connections than are tolerated in the states that only scans tell.
    /// </summary>
    public bool IsWorthScan =>
        HasListeners && Live > 0 && Members.Count > 0
        && (Watched is not null || _open > Thresholds.CloseWait || MayRunOutOfPorts || InUse - _open - ListeningSockets() >= Thresholds.UnansweredConnects);

    /// <summary>The sockets were counted since its sample was last published.</summary>
    public bool HasNewStates => _hasNewStates;

    /// <summary>The last look read its listeners.</summary>
    public bool HasListeners { get; private set; }

    /// <summary>Its own series. Null if it has none.</summary>
    public WatchedNetns? Watched { get; set; }

    /// <summary>Begins a pass.</summary>
    public void Begin()
    {
        Followed = 0;
        Live = 0;
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
        Count(found, read, hasGauges: true);
        Live++;
        LiveAt = now;
        _sockets.TcpInUse += sockets.TcpInUse;
        _sockets.Tcp6InUse += sockets.Tcp6InUse;
        _sockets.HasTcp6 |= sockets.HasTcp6;
        _sockets.TcpTimeWait += sockets.TcpTimeWait;
    }

    /// <summary>Adds a read of the listeners of its <see cref="Members"/>.</summary>
    /// <param name="reader">Reads the counters, if some listener has discarded something.</param>
    /// <param name="scratch">Memory for one call.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="time">The clocks.</param>
    /// <returns>The fill of the fullest accept queue: its length ÷ its limit. NaN if there is none.</returns>
    public double Observe(NetnsReader reader, NetnsScratch scratch, TimeSpan now, TimeProvider time)
    {
        _firstLook ??= now;
        HasListeners = _lookedAt != TimeSpan.Zero || now - _firstLook >= NamingTime || AreNamed();
        var worst = double.NaN;
        if (!HasListeners)
        {
            return worst;
        }

        var evidence = Evidence(reader, scratch);
        var sockets = Join(scratch);
        Listeners!.Observe(sockets, now, time.GetUtcNow().ToUnixTimeMilliseconds(), evidence);
        if (Watched is not null)
        {
            _waits ??= new NetnsWaits(Listeners);
            _waits.Sampled(now);
            if (Members.Count > MostExamined)
            {
                Listeners.ForgetQueues();
            }
        }

        _lookedAt = now;
        var isFull = false;
        foreach (ref readonly var socket in sockets)
        {
            if (socket.HasLimit)
            {
                isFull |= socket.QueueLength > socket.QueueLimit;
                worst = ListenerEntry.Fill(socket.QueueLength, socket.QueueLimit) is var fill && fill <= worst ? worst : fill;
            }
        }

        _fullLooks = isFull ? _fullLooks + 1 : 0;
        _wasFull |= _fullLooks >= FullLooks;
        _queueFill = worst;
        return worst;
    }

    /// <summary>A namespace is gone.</summary>
    /// <param name="found">The namespace.</param>
    public void Lose(FoundNetns found)
    {
        if (Members.Contains(found))
        {
            MissListeners();
        }

        // what was found in it says nothing about one that started since
        if (_scanned.Remove(found) && _scanned.Count == 0)
        {
            ForgetScan();
        }
    }

    /// <summary>Forgets what the last scan found, because no scan will follow soon.</summary>
    public void ForgetScan()
    {
        Scan.Clear();
        _scanned.Clear();
        _states?.Miss();
        (_countedAt, _sweptAt, _hasNewStates, _hasNewSweep) = (null, null, false, false);
    }

    /// <summary>Its listeners cannot be read.</summary>
    public void MissListeners()
    {
        Members.Clear();
        HasListeners = false;
        _fullLooks = 0;
        Listeners?.ForgetQueues();
    }

    /// <summary>
    /// Returns what measures how long connections wait in its accept queues. Null if none is in use, if it has no series, or
    /// if there are too many namespaces of this name.
    /// </summary>
    /// <param name="now">Monotonic time.</param>
    public NetnsWaits? ActiveWaits(TimeSpan now) => HasListeners && Members.Count is > 0 and <= MostExamined && _waits?.IsActive(now) == true ? _waits : null;

    /// <summary>The sockets of its <see cref="Members"/>. Valid until the next call.</summary>
    public List<NetnsSockets> Examined()
    {
        _examined.Clear();
        foreach (var found in Members)
        {
            _examined.Add(found.Sockets!);
        }

        return _examined;
    }

    /// <summary>Begins a scan of its sockets.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="waits">Receives the sockets too. Null if no queue is in use.</param>
    /// <returns>
    /// Receives the sockets too. Null if it has no series and ephemeral ports in plenty, or if the last sweep was a moment ago:
    /// what is unread at two sweeps should have been so for a while.
    /// </returns>
    public SweepTally? BeginScan(TimeSpan now, out NetnsWaits? waits)
    {
        waits = ActiveWaits(now);
        waits?.BeginScan(Examined());
        _isSweep = (Watched is not null || MayRunOutOfPorts) && !(now - _sweptAt < CpuBudget.ShortestPause);
        if (!_isSweep)
        {
            return null;
        }

        _working ??= new NamespaceSample { PeakWindow = peakWindow };
        _sweep ??= new SweepTally(UnitOf!, capacity: FollowedConnections);
        FillListeners(_working);

        // each namespace has its own ports, so nothing can be said of several together
        var range = Members.Count == 1 ? NetnsDefaults.Sysctls[Sysctl.IpLocalPortRange] : default;
        _sweep.Begin(_working.Listeners.Span, _working.Kernel.Listeners.Span, _working.ListenerRows.Span, range, now, isAssumed: true);
        return _sweep;
    }

    /// <summary>
    /// Takes the result of a scan. The next sample has it, with counters of the same time: how long a connection stays in a
    /// state is how many are in it, compared with how many come and go.
    /// </summary>
    /// <param name="tally">All sockets.</param>
    /// <param name="reader">Reads the counters, if it has series.</param>
    /// <param name="now">Monotonic time.</param>
    public void EndScan(SocketTally tally, NetnsReader reader, TimeSpan now)
    {
        Scan.Take(tally, _openedPerSecond, now);
        _scanned.Clear();
        _scanned.AddRange(Members);
        if (_isSweep)
        {
            _swept ??= new SweepSample();
            _sweep!.End(NetnsDefaults.Sysctls, _swept);
            (_hasNewSweep, _sweptAt) = (Watched is not null, now);
        }

        if (_isSweep || !MayRunOutOfPorts)
        {
            Scan.TakePorts(MayRunOutOfPorts ? _swept : null);
        }

        if (Watched is null)
        {
            return;
        }

        ReadCounters(reader);
        _working ??= new NamespaceSample { PeakWindow = peakWindow };
        var kernel = _working.Kernel;
        kernel.States = tally.States;
        kernel.CloseWaitUnaccepted = tally.CloseWaitUnaccepted;
        tally.SynQueues.CopyTo(kernel.SynQueues);
        tally.Stuck.SynSent.CopyTo(kernel.SynSent);
        tally.Stuck.CloseWait.CopyTo(kernel.CloseWait);
        _finWait2Minisockets = tally.FinWait2Minisockets;
        (_hasNewStates, _countedAt) = (true, now);
        if (_isSweep)
        {
            _swept!.Status = ReadResult.Ok;
        }
    }

    /// <summary>Ends a pass.</summary>
    /// <param name="now">Monotonic time.</param>
    public void End(TimeSpan now)
    {
        _recent = _pending;
        _pending = default;
        _total.Add(_recent);
        _open = _totals.Snmp.IndexOf("CurrEstab") is var at and >= 0 ? (long)_totals.Snmp.Values[at] : 0;
        _openedPerSecond = now > _endedAt ? _recent.Opened / (now - _endedAt.Value).TotalSeconds : 0;
        _endedAt = now;
        Scan.TakeRate(_openedPerSecond);
        if (Live == 0)
        {
            ForgetScan();
        }

        IsInTrouble = _wasFull || Scan.IsTrouble || _recent.ListenDrops > Stray || _recent.Other > Stray
            || (_recent.Retransmitted >= FewRetransmissions && _recent.Retransmitted > Thresholds.RetransmittedShare * _recent.Sent);
        _wasFull = _fullLooks >= FullLooks;
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
        Established = _open,
        CloseWait = Scan.CloseWaitHeld,
        TimeWait = _sockets.TcpTimeWait,
        InUse = InUse,
        QueueFill = HasListeners ? _queueFill : double.NaN,
        Recent = _recent,
        Total = _total,
    };

    /// <summary>Publishes its counters.</summary>
    /// <param name="store">Receives the sample.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="hasOpener">Its listeners can be read, if not now then soon.</param>
    public void Publish(SampleStore store, TimeProvider time, bool hasOpener)
    {
        _working ??= new NamespaceSample { PeakWindow = peakWindow };
        var kernel = _working.Kernel;
        _totals.Netstat.CopyTo(kernel.Netstat);
        _totals.Mptcp.CopyTo(kernel.Mptcp);
        _totals.Snmp.CopyTo(kernel.Snmp);
        _totals.Udp.CopyTo(kernel.UdpCounters);
        kernel.Sockstat = _sockets;
        _working.Host.Status(HostSourceId.Machine) = ReadResult.Ok;
        kernel[SourceId.Netstat] = kernel[SourceId.Snmp] = kernel[SourceId.Sockstat] = ReadResult.Ok;
        _working.Kernel[SourceId.Listeners] = ListenersStatus(time.GetElapsedTime(0), hasOpener);
        PublishStates(_working, time.GetElapsedTime(0));
        FillListeners(_working);
        _working.StartUnixMilliseconds = _working.StartUnixMilliseconds == 0 ? time.GetUtcNow().ToUnixTimeMilliseconds() : _working.StartUnixMilliseconds;
        _working.Samples++;
        _working.SampledAt = time.GetElapsedTime(0);
        _working.LastSampleUnixMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
        _working.StatesAge = _countedAt is { } at && !_hasNewStates ? _working.SampledAt - at : TimeSpan.Zero;
        store.Publish(_working, time.GetTimestamp());
        _hasNewStates = false;
        PublishSweep(store);
    }

    /// <summary>
    /// While its listeners are awaited, the last read of them is only old: who judges it should not take losses for those of an
    /// unknown listener.
    /// </summary>
    private ReadResult ListenersStatus(TimeSpan now, bool hasOpener)
    {
        if (HasListeners)
        {
            _missedSince = null;
            return ReadResult.Ok;
        }

        _missedSince ??= now;
        return hasOpener && now - _missedSince < AwaitTime ? ReadResult.Failed(SourceError.Stale) : default;
    }

    private bool HasStates => _countedAt is not null && HasListeners;

    private void PublishSweep(SampleStore store)
    {
        if (_swept is not null && !HasStates && _swept.Status.IsOk)
        {
            // that of a namespace that is gone, or whose sockets cannot be read any more
            _swept.Status = default;
            _hasNewSweep = true;
        }

        if (_hasNewSweep)
        {
            _swept!.UnixMilliseconds = _working!.LastSampleUnixMilliseconds;
            store.Publish(_swept, default);
            _hasNewSweep = false;
        }
    }

    private bool MayRunOutOfPorts => InUse + _sockets.TcpTimeWait > Thresholds.PortsOfOneDestination * NetnsDefaults.Ports;

    private long InUse => _sockets.TcpInUse + _sockets.Tcp6InUse;

    private long ListeningSockets()
    {
        long sum = 0;
        foreach (var found in Members)
        {
            sum += found.Sockets?.All.Count ?? 0;
        }

        return sum;
    }

    /// <summary>
    /// The states as of the last scan. Two of them are also told by the files, which may have been read since.
    /// </summary>
    private void PublishStates(NamespaceSample sample, TimeSpan now)
    {
        sample.Kernel[SourceId.Sockets] = HasStates ? ReadResult.Ok : default;
        if (!HasStates)
        {
            return;
        }

        sample.Kernel.AreStatesOld = !_hasNewStates;
        if (LiveAt > _countedAt)
        {
            sample.Kernel.States[TcpState.Established] = Math.Max(0, _open - sample.Kernel.States[TcpState.CloseWait]);
            sample.Kernel.States[TcpState.TimeWait] = Math.Max(0, _sockets.TcpTimeWait - _finWait2Minisockets);
        }

        _states ??= new SocketStates(peakWindow, new StuckTable(UnitOf!));
        _ = _states.Observe(sample, Listeners!, now);
    }

    private void FillListeners(NamespaceSample sample)
    {
        if (!HasListeners || Listeners is not { } table)
        {
            return;
        }

        sample.Kernel.Listeners.Clear();
        foreach (var found in Members)
        {
            foreach (ref readonly var socket in found.Sockets is { } sockets ? sockets.All.Span : [])
            {
                sample.Kernel.Listeners.Add(in socket);
            }
        }

        table.CopyTo(sample.Listeners, _waits is null || Members.Count > MostExamined ? null : sample.Waits);
        foreach (ref var listener in sample.Listeners.Span)
        {
            listener.IsSpread = Members.Count > 1;
        }

        table.CopyRowsTo(sample.ListenerRows);
        table.CopyClosedTo(sample.Closed);
        sample.ListenersAt = _lookedAt;
        sample.ListenersNotExported = table.NotKept;
        sample.Unattributed = table.Unattributed;
    }

    /// <summary>Returns true if the owners of all listeners are known.</summary>
    private bool AreNamed()
    {
        foreach (var found in Members)
        {
            if (!Listeners!.AreNamed(found.Sockets!.All.Span))
            {
                return false;
            }
        }

        return true;
    }

    private ReadOnlySpan<ListenerSocket> Join(NetnsScratch scratch)
    {
        if (Members.Count == 1)
        {
            return Members[0].Sockets!.All.Span;
        }

        scratch.Joined.Clear();
        foreach (var found in Members)
        {
            foreach (ref readonly var socket in found.Sockets!.All.Span)
            {
                scratch.Joined.Add(in socket);
            }
        }

        return scratch.Joined.Span;
    }

    /// <summary>
    /// Reads the loss counters if some listener has discarded something. If they have changed, reads the listeners and the
    /// counters again. What is counted in between may not show at any listener yet.
    /// </summary>
    private LossEvidence Evidence(NetnsReader reader, NetnsScratch scratch)
    {
        var hasMoved = _lookedAt == TimeSpan.Zero;
        foreach (var found in Members)
        {
            hasMoved |= found.Sockets!.HasMoved;
        }

        if (hasMoved)
        {
            ReadCounters(reader);
        }

        var (overflows, drops) = (Total("ListenOverflows"), Total("ListenDrops"));
        if (drops != _settledDrops)
        {
            foreach (var found in Members)
            {
                _ = found.Sockets!.LookUp(scratch);
            }

            ReadCounters(reader);
            hasMoved = true;
        }

        if (!hasMoved)
        {
            return default;
        }

        _settledDrops = Total("ListenDrops");
        return new LossEvidence
        {
            IsKnown = true,
            Overflows = Total("ListenOverflows"),
            Drops = _settledDrops,
            SynQueueDrops = Total("TCPReqQFullDrop"),
            MovedOverflows = Total("ListenOverflows") - overflows,
            MovedDrops = _settledDrops - drops,
        };
    }

    private void ReadCounters(NetnsReader reader)
    {
        // CurrEstab is a sum of all namespaces
        var hasGauges = Members.Count == Live;
        if (hasGauges)
        {
            Zero(_totals.Snmp, KernelCounterGroup.Tcp);
        }

        foreach (var found in Members)
        {
            if (reader.ReadCounters(found).IsOk)
            {
                Count(found, reader.Counters, hasGauges);
            }
        }
    }

    private ulong Total(string name) => _totals.Netstat.IndexOf(name) is var at and >= 0 ? _totals.Netstat.Values[at] : 0;

    private void Count(FoundNetns found, NetnsCounters read, bool hasGauges)
    {
        var isCounted = found.IsRead || found.IsNew;
        var added = default(NetnsLoss);
        Add(KernelCounterGroup.TcpExt, read.Netstat, found.Last.Netstat, _totals.Netstat, isCounted, hasGauges, ref added);
        Add(KernelCounterGroup.MPTcpExt, read.Mptcp, found.Last.Mptcp, _totals.Mptcp, isCounted, hasGauges, ref added);
        Add(KernelCounterGroup.Tcp, read.Snmp, found.Last.Snmp, _totals.Snmp, isCounted, hasGauges, ref added);
        Add(KernelCounterGroup.Udp, read.Udp, found.Last.Udp, _totals.Udp, isCounted, hasGauges, ref added);
        found.IsRead = true;
        found.Counted.Add(added);
        _pending.Add(added);
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

    private static void Add(KernelCounterGroup group, CounterTable read, CounterTable last, CounterTable total, bool isCounted, bool hasGauges, ref NetnsLoss added)
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
                total.Values[i] = !hasGauges ? total.Values[i] : names[i] == "CurrEstab" ? total.Values[i] + value : value;
            }
            else if (isCounted && value > before)
            {
                total.Values[i] += value - before;
                Count(group, names[i], value - before, ref added);
            }
        }
    }

    private static void Count(KernelCounterGroup group, string name, ulong count, ref NetnsLoss added)
    {
        if (group == KernelCounterGroup.TcpExt)
        {
            added.CountTcpExt(name, count);
        }
        else if (group == KernelCounterGroup.Tcp)
        {
            added.CountTcp(name, count);
        }
    }
}
