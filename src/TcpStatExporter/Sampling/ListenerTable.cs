using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Everything that is remembered about listeners from read to read: peaks, fill histograms, losses. Sockets are grouped by
/// address, port, device and unit. A closed listener is kept for a while, so its counters continue after a restart.
/// </summary>
/// <remarks>
/// The number of places is limited. If there are more listeners, those with problems (recent losses, fill) get a place first,
/// then those that have existed longest. So nobody can push out a listener that is losing connections by opening others. If a
/// listener loses its place, its counters are remembered, so they never go back.
/// </remarks>
internal sealed class ListenerTable
{
    /// <summary>How long a closed listener keeps its counters and is reported by name.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    /// <summary>
    /// Maximum number of listeners without a place whose counters are remembered. Those that left first are forgotten first.
    /// </summary>
    public const int MostRemembered = 16_384;

    /// <summary>Maximum number of remembered sockets that are away, in a small table.</summary>
    private const int FewAway = 256;

    /// <summary>Half-life of a habit, in seconds.</summary>
    private const float HabitHalfLife = 20;

    private static readonly TimeSpan Proven = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A listener that waits for a place must be this much more urgent than the one that has it. So two similar listeners do
    /// not take turns.
    /// </summary>
    private const double Margin = 1.5;

    private readonly Dictionary<ListenerKey, ListenerEntry> _entries = [];
    private readonly Dictionary<ListenerKey, ListenerTotals> _remembered = [];
    private readonly Dictionary<ListenerKey, Waiting> _waiting = [];
    private readonly EndpointIndex<int> _index;
    private readonly ValueList<Place> _places = new();
    private readonly ValueList<Newcomer> _newcomers = new();
    private readonly SocketMemory _sockets;
    private readonly LossAttribution _loss = new();
    private readonly TimeSpan _peakWindow;
    private readonly int _max;
    private readonly Func<IpAddress, ushort, bool> _isSelected;
    private readonly Func<ulong, string?> _unitOf;
    private readonly Func<uint, string> _deviceOf;
    private readonly string _netns;
    private TimeSpan _lastLook;
    private int _live;

    /// <summary>Creates an empty table.</summary>
    /// <param name="peakWindow">Window of the peaks.</param>
    /// <param name="max">Maximum number of listeners with a place.</param>
    /// <param name="isSelected">Returns true if a listener is selected.</param>
    /// <param name="unitOf">Returns the unit for a cgroup2 id. Empty if unknown, null if not looked up yet.</param>
    /// <param name="deviceOf">Returns the name of an interface by index. Empty for 0.</param>
    /// <param name="netns">Their network namespace. Empty for the host's own.</param>
    /// <param name="isSmall">Save memory: there are few listeners, and no sweep looks connections up.</param>
    public ListenerTable(
        TimeSpan peakWindow,
        int max,
        Func<IpAddress, ushort, bool> isSelected,
        Func<ulong, string?> unitOf,
        Func<uint, string> deviceOf,
        string netns = "",
        bool isSmall = false)
    {
        _index = new EndpointIndex<int>(isSmall);
        _sockets = isSmall ? new SocketMemory(FewAway) : new SocketMemory();
        _peakWindow = peakWindow;
        _max = max;
        _isSelected = isSelected;
        _unitOf = unitOf;
        _deviceOf = deviceOf;
        _netns = netns;
    }

    /// <summary>Number of selected listeners in the last read without a place, because there are too many.</summary>
    public int NotKept => _waiting.Count;

    /// <summary>Losses since the first read that belong to no listener with a place.</summary>
    public LossCounts Unattributed { get; private set; }

    /// <summary>Adds a read of all listening sockets.</summary>
    /// <param name="sockets">The sockets.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="unixMilliseconds">Wall-clock time.</param>
    /// <param name="evidence">The loss counters, read right after the sockets.</param>
    public void Observe(ReadOnlySpan<ListenerSocket> sockets, TimeSpan now, long unixMilliseconds, LossEvidence evidence = default)
    {
        _sockets.Begin();
        _places.Clear();
        _index.Clear();
        _live = 0;
        HasQueue = false;
        for (var i = 0; i < sockets.Length; i++)
        {
            HasQueue |= sockets[i].QueueLength > 0;
            TakeSocket(in sockets[i], i);
        }

        DivideLoss(sockets, now, evidence);
        Seat(sockets, now, unixMilliseconds);
        for (var i = 0; i < sockets.Length; i++)
        {
            Settle(in sockets[i], _places[i], now);
        }

        _sockets.End();
        foreach (var entry in _entries.Values)
        {
            entry.Row = -1;
            if (entry.Look == _sockets.Look)
            {
                entry.Close(now, unixMilliseconds);
            }
            else if (entry.ClosedUnixMilliseconds == 0)
            {
                entry.ClosedUnixMilliseconds = unixMilliseconds;
            }
        }

        if (_entries.Count > _live)
        {
            ForgetGone(now);
        }

        _lastLook = now;
    }

    /// <summary>Returns true if the owners of all these sockets have been looked up.</summary>
    /// <param name="sockets">The sockets.</param>
    public bool AreNamed(ReadOnlySpan<ListenerSocket> sockets)
    {
        foreach (ref readonly var socket in sockets)
        {
            if (_unitOf(socket.CgroupId) is null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds a sample of the half-open connections.</summary>
    /// <param name="queues">Half-open connections by local endpoint.</param>
    /// <param name="now">Monotonic time.</param>
    public void ObserveSynQueues(ReadOnlySpan<SynQueue> queues, TimeSpan now)
    {
        foreach (var entry in _entries.Values)
        {
            entry.Sample.SynQueueLength = 0;
        }

        foreach (ref readonly var queue in queues)
        {
            // if two units share one endpoint (SO_REUSEPORT), a half-open connection does not show its owner, so the first
            // one gets it
            if (_index.TryFind(queue.Address, queue.Port, queue.Interface, cgroupId: 0, out var socket) && _places[socket].Entry is { } entry)
            {
                entry.Sample.SynQueueLength += queue.Length;
            }
        }

        foreach (var entry in _entries.Values)
        {
            entry.CloseSynQueue(now);
        }
    }

    /// <summary>
    /// Records a tick that did not count the half-open connections. They keep their values, and their peaks age.
    /// </summary>
    /// <param name="now">Monotonic time.</param>
    public void KeepSynQueues(TimeSpan now)
    {
        foreach (var entry in _entries.Values)
        {
            entry.KeepSynQueue(now);
        }
    }

    /// <summary>A connection was waiting to be accepted in the last read.</summary>
    public bool HasQueue { get; private set; }

    /// <summary>Records that all queues were empty.</summary>
    /// <param name="now">Monotonic time.</param>
    public void ObserveEmptyQueues(TimeSpan now)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.Waits is { } waits && entry.Look == _sockets.Look)
            {
                waits.BeginLook(length: 0);
                waits.Observe(now, seconds: 0, isCounted: true);
            }
        }
    }

    /// <summary>Forgets the connections that wait: their queues are gone, or cannot be examined any more.</summary>
    public void ForgetQueues()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Waits?.Forget();
        }
    }

    /// <summary>Begins to examine how long connections wait.</summary>
    public void BeginQueueLook()
    {
        foreach (var entry in _entries.Values)
        {
            entry.LookLength = 0;
        }
    }

    /// <summary>Adds the queue length of one listening socket.</summary>
    /// <param name="socket">The socket.</param>
    public void AddQueueLength(in TcpSocket socket)
    {
        if (socket.State == TcpState.Listen && _sockets.OwnerOf(socket.Cookie) is { } entry)
        {
            entry.LookLength += socket.ReceiveQueue;
        }
    }

    /// <summary>Finds the oldest connection of each queue, as far as its connections are known.</summary>
    /// <param name="connection">Looks up a connection.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="isCounted">Include this result in the histograms.</param>
    /// <param name="inUse">Number of queues that are not empty.</param>
    /// <returns>Number of queues that need a dump.</returns>
    public int FollowQueues(IConnectionLookup connection, TimeSpan now, bool isCounted, out int inUse)
    {
        inUse = 0;
        var unknown = 0;
        foreach (var entry in _entries.Values)
        {
            if (entry.LookLength > 0)
            {
                inUse++;
                entry.Waits ??= new QueueWaits(_peakWindow);
            }

            if (entry.Waits is not { } waits || entry.Look != _sockets.Look)
            {
                continue;
            }

            waits.BeginLook(entry.LookLength);
            if (waits.Length == 0)
            {
                waits.Observe(now, seconds: 0, isCounted);
            }
            else if (waits.TryOldest(connection, now, out var age))
            {
                waits.Observe(now, age.TotalSeconds, isCounted);
            }
            else
            {
                waits.Miss(now);
                unknown += waits.Rowless > 0 ? 0 : 1;
            }
        }

        return unknown;
    }

    /// <summary>Begins a dump of connections that may be queued.</summary>
    public void BeginQueueDump()
    {
        foreach (var entry in _entries.Values)
        {
            if (entry is { LookLength: > 0, Waits: { } waits })
            {
                waits.Begin();
            }
        }
    }

    /// <summary>Adds a connection that nobody has accepted.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="max">Maximum number of connections to follow per listener.</param>
    public void AddQueued(in TcpSocket socket, int max)
    {
        if (_index.TryFind(socket.LocalAddress, socket.LocalPort, socket.Interface, socket.CgroupId, out var listener)
            && _places[listener].Entry?.Waits is { IsAsked: true } waits)
        {
            waits.Add(in socket, max);
        }
    }

    /// <summary>Ends a dump of connections that may be queued.</summary>
    /// <param name="connection">Looks up a connection.</param>
    /// <param name="time">Returns monotonic time. Looking up thousands of connections takes some milliseconds.</param>
    public void EndQueueDump(IConnectionLookup connection, Func<TimeSpan> time)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.Waits is { IsAsked: true } waits)
            {
                waits.End(connection, time);
            }
        }
    }

    /// <summary>Returns one row for each listener in the last read.</summary>
    /// <param name="rows">The list to overwrite.</param>
    /// <param name="waits">Receives the waiting times. Null if no source reports them.</param>
    public void CopyTo(ValueList<ListenerSample> rows, ValueList<Histogram>? waits = null)
    {
        rows.Clear();
        waits?.Clear();
        foreach (var entry in _entries.Values)
        {
            if (entry.Look == _sockets.Look)
            {
                entry.Row = rows.Count;
                if (waits is null)
                {
                    entry.Sample.HasWaits = false;
                }
                else
                {
                    entry.TellWaits(entry.Waits is null ? -1 : waits.Count);
                }

                if (waits is not null && entry.Waits is not null)
                {
                    waits.Add(in entry.Waits.Seconds);
                }

                rows.Add(entry.Sample);
            }
        }
    }

    /// <summary>
    /// For each socket of the last read, returns the index of its row in the last output of <see cref="CopyTo"/>. −1 if it
    /// has none.
    /// </summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyRowsTo(ValueList<int> rows)
    {
        rows.Clear();
        foreach (ref readonly var place in _places.Span)
        {
            rows.Add(place.Entry?.Row ?? -1);
        }
    }

    /// <summary>Returns the listeners that closed within <see cref="Retention"/>.</summary>
    /// <param name="closed">The list to overwrite.</param>
    public void CopyClosedTo(ValueList<ClosedListener> closed)
    {
        closed.Clear();
        if (_entries.Count == _live)
        {
            return;
        }

        foreach (var entry in _entries.Values)
        {
            if (_sockets.Look - entry.Look >= SocketMemory.MissedLooks && _lastLook - entry.LastSeen <= Retention)
            {
                closed.Add(new ClosedListener
                {
                    Last = entry.Sample,
                    LastSeen = entry.LastSeen,
                    ClosedUnixMilliseconds = entry.ClosedUnixMilliseconds,
                    Listened = entry.LastSeen - entry.OpenedAt,
                });
            }
        }
    }

    /// <summary>Finds the listener of a socket, and what the socket discarded.</summary>
    private void TakeSocket(in ListenerSocket socket, int index)
    {
        _index.Add(in socket, index);
        ref var place = ref _places.Add();
        place = default;
        place.WasThere = true;
        if (socket.HasDrops)
        {
            place.Record = _sockets.Take(socket.Cookie, socket.Drops, out place.IsTold);
            if (place.IsTold)
            {
                return;
            }

            ref var record = ref _sockets[place.Record];
            place.WasThere = record.WasThere || _sockets.Look == 1;
            if (socket.HasLimit)
            {
                record.FullAt = socket.QueueLength > socket.QueueLimit ? _sockets.Look : record.FullAt;
                record.FilledAt = socket.QueueLength > 0 && socket.QueueLength * 2L >= socket.QueueLimit ? _sockets.Look : record.FilledAt;
            }
        }

        if (!_isSelected(socket.Address, socket.Port) || !TryKeyOf(socket, out place.Key, out place.IsUnnamed))
        {
            return;
        }

        place.IsWanted = true;
        if (_entries.TryGetValue(place.Key, out var entry) && _sockets.Look - entry.Look <= 1)
        {
            Join(ref place, entry, in socket);
        }
    }

    private void Join(ref Place place, ListenerEntry entry, in ListenerSocket socket)
    {
        place.Entry = entry;
        _live += entry.Join(in socket, _sockets.Look, place.WasThere) ? 1 : 0;
    }

    /// <summary>
    /// Returns false for a socket whose unit has not been looked up yet. The socket is left out of this read and its losses
    /// are kept for later. Otherwise it would get one series without a name and another under its own. In the very first
    /// read, nothing is left out: its cgroups are older than the search that it starts.
    /// </summary>
    private bool TryKeyOf(in ListenerSocket socket, out ListenerKey key, out bool isUnnamed)
    {
        var unit = _unitOf(socket.CgroupId) ?? (_sockets.Look == 1 ? "" : null);
        isUnnamed = unit is null;
        key = unit is null ? default : new ListenerKey(socket.Address, socket.Port, _deviceOf(socket.Interface), unit);
        return unit is not null;
    }

    private void DivideLoss(ReadOnlySpan<ListenerSocket> sockets, TimeSpan now, LossEvidence evidence)
    {
        if (!evidence.IsKnown)
        {
            return;
        }

        _loss.Begin();
        if (_loss.HasMoved(evidence))
        {
            AddClaims(sockets, now, evidence);
        }

        _loss.Divide(evidence);
        Unattributed += _loss.Unattributed;
        foreach (ref readonly var claim in _loss.Claims)
        {
            if (claim.Lost.Total == 0)
            {
                continue;
            }

            ref var record = ref _sockets[claim.Record];
            if (claim.AcceptQueue != LossGrade.Possible || claim.SynQueue != LossGrade.Possible)
            {
                record.ProvenAt = now;
            }

            if (claim.Socket >= 0)
            {
                record.Pending += claim.Lost;
                _places[claim.Socket].HasOverflowed = claim.Lost.AcceptQueue > 0;
                _places[claim.Socket].Lost = claim.Lost.Total;
                _places[claim.Socket].Entry?.Expect(claim.Lost.Total);
            }
            else if (record.Owner is { IsEvicted: false } owner)
            {
                owner.Lose(claim.Lost, now);
            }
            else
            {
                Unattributed += claim.Lost;
            }
        }

        var seconds = (float)(now - _lastLook).TotalSeconds;
        var faded = MathF.Pow(0.5f, seconds / HabitHalfLife);
        for (var i = 0; i < sockets.Length; i++)
        {
            ref readonly var socket = ref sockets[i];
            if (socket.HasDrops)
            {
                ref var record = ref _sockets[_places[i].Record];
                if (_loss.IsQuiet && _sockets.Look > 1 && seconds > 0)
                {
                    record.Habit = Math.Max(record.Habit * faded, unchecked(socket.Drops - record.Settled) / seconds);
                }

                record.Settled = socket.Drops;
            }
        }
    }

    private void AddClaims(ReadOnlySpan<ListenerSocket> sockets, TimeSpan now, LossEvidence evidence)
    {
        var seconds = (now - _lastLook).TotalSeconds;
        for (var i = 0; i < sockets.Length; i++)
        {
            ref readonly var socket = ref sockets[i];
            if (!socket.HasDrops || _places[i].IsTold)
            {
                continue;
            }

            ref var record = ref _sockets[_places[i].Record];
            var discarded = unchecked(socket.Drops - record.Settled);
            if (discarded == 0)
            {
                continue;
            }

            var habit = record.Habit == 0 ? 0 : (uint)Math.Min(uint.MaxValue, Math.Ceiling((record.Habit * seconds * 1.5) + 3));
            ref var claim = ref _loss.Add();
            claim.Socket = i;
            claim.Record = _places[i].Record;
            claim.Discarded = discarded;
            claim.Excess = discarded - Math.Min(discarded, habit);
            var isProven = now - record.ProvenAt <= Proven;
            claim.AcceptQueue = GradeOf(record, isProven);
            claim.SynQueue = isProven ? LossGrade.Likely : LossGrade.Possible;
        }

        GradeSynQueues(sockets, evidence);
        _sockets.VisitGone(
            static (slot, table) =>
            {
                ref readonly var record = ref table._sockets[slot];
                ref var claim = ref table._loss.Add();
                claim.Socket = -1;
                claim.Record = slot;
                claim.AcceptQueue = record.FullAt != 0 && record.FullAt == record.Look ? LossGrade.Seen : LossGrade.Possible;
            },
            this);
    }

    private LossGrade GradeOf(in SocketRecord record, bool isProven)
    {
        if (IsOfLastLooks(record.FullAt))
        {
            return LossGrade.Seen;
        }

        return IsOfLastLooks(record.FilledAt) || isProven ? LossGrade.Likely : LossGrade.Possible;
    }

    private bool IsOfLastLooks(uint look) => look != 0 && _sockets.Look - look <= 1;

    /// <summary>A SYN queue is limited by the backlog and, with cookies off, by three quarters of tcp_max_syn_backlog.</summary>
    private void GradeSynQueues(ReadOnlySpan<ListenerSocket> sockets, LossEvidence evidence)
    {
        foreach (ref readonly var queue in evidence.SynQueues)
        {
            if (_index.TryFind(queue.Address, queue.Port, queue.Interface, cgroupId: 0, out var first))
            {
                _places[first].HalfOpen += queue.Length;
            }
        }

        foreach (ref var claim in _loss.Claims)
        {
            ref readonly var socket = ref sockets[claim.Socket];
            if (!_index.TryFind(socket.Address, socket.Port, socket.Interface, cgroupId: 0, out var first) || _places[first].HalfOpen == 0)
            {
                continue;
            }

            var bound = evidence.AreCookiesOff && evidence.MaxSynBacklog > 0
                ? Math.Min(socket.QueueLimit, evidence.MaxSynBacklog * 3 / 4)
                : socket.QueueLimit;
            var length = _places[first].HalfOpen;
            var grade = length * 4 >= bound * 3 ? LossGrade.Seen : length * 4 >= bound ? LossGrade.Likely : LossGrade.Possible;
            claim.SynQueue = grade > claim.SynQueue ? grade : claim.SynQueue;
        }
    }

    /// <summary>Assigns free places, and places of healthy listeners to listeners with problems.</summary>
    private void Seat(ReadOnlySpan<ListenerSocket> sockets, TimeSpan now, long unixMilliseconds)
    {
        _newcomers.Clear();
        for (var i = 0; i < sockets.Length; i++)
        {
            if (_places[i] is { IsWanted: true, Entry: null })
            {
                Apply(in sockets[i], i, now);
            }
        }

        if (_newcomers.Count == 0)
        {
            _waiting.Clear();
            return;
        }

        // listeners with problems first, then those that wait longest, then in the kernel's order
        if (_live < _max || HasUrgency())
        {
            _newcomers.Span.Sort(static (one, other) =>
                one.Urgency != other.Urgency ? other.Urgency.CompareTo(one.Urgency)
                : one.Since != other.Since ? one.Since.CompareTo(other.Since)
                : one.Order.CompareTo(other.Order));
            Seat(now, unixMilliseconds);
        }

        JoinSeated(sockets);
        foreach (var (key, waiting) in _waiting)
        {
            if (waiting.Look != _sockets.Look || waiting.IsSeated)
            {
                _waiting.Remove(key);
            }
        }
    }

    private bool HasUrgency()
    {
        foreach (ref readonly var newcomer in _newcomers.Span)
        {
            if (newcomer.Urgency > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Records that a listener without a place wants one.</summary>
    private void Apply(in ListenerSocket socket, int index, TimeSpan now)
    {
        ref readonly var place = ref _places[index];
        ref var waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, place.Key, out var isKnown);
        if (!isKnown)
        {
            waiting.Since = now;
        }

        if (waiting.Look != _sockets.Look)
        {
            // what it loses while it waits counts, as for those that have a place
            waiting.Lost *= isKnown ? ListenerEntry.Decay(now - _lastLook) : 0;
            waiting.Look = _sockets.Look;
            waiting.IsSeated = false;
            waiting.Newcomer = _newcomers.Count;
            _newcomers.Add(new Newcomer { Key = place.Key, Since = waiting.Since, Order = index });
        }

        waiting.Lost += place.Lost;
        var filled = socket.HasLimit ? ListenerEntry.UrgencyOf(socket.QueueLength, ListenerEntry.Fill(socket.QueueLength, socket.QueueLimit)) : 0;
        ref var newcomer = ref _newcomers[waiting.Newcomer];
        newcomer.Filled = Math.Max(newcomer.Filled, filled);
        newcomer.Urgency = waiting.Lost + newcomer.Filled;
    }

    private void Seat(TimeSpan now, long unixMilliseconds)
    {
        var weakest = _live < _max ? null : Weakest();
        foreach (ref readonly var newcomer in _newcomers.Span)
        {
            if (_live >= _max)
            {
                weakest ??= Weakest();
                if (weakest is null || newcomer.Urgency <= weakest.Urgency * Margin)
                {
                    break;
                }

                GiveUp(weakest, now);
                weakest = null;
            }

            CollectionsMarshal.GetValueRefOrNullRef(_waiting, newcomer.Key).IsSeated = true;
            if (!_entries.TryGetValue(newcomer.Key, out var entry))
            {
                entry = Create(newcomer.Key, now, unixMilliseconds);
            }

            entry.Seat(_sockets.Look, newcomer.Urgency);
            _live++;
        }
    }

    private void JoinSeated(ReadOnlySpan<ListenerSocket> sockets)
    {
        for (var i = 0; i < sockets.Length; i++)
        {
            ref var place = ref _places[i];
            if (place.Entry is { IsEvicted: true })
            {
                place.Entry = null;
            }
            else if (place is { IsWanted: true, Entry: null } && _entries.TryGetValue(place.Key, out var entry) && entry.Look == _sockets.Look)
            {
                place.Entry = entry;
                entry.Join(in sockets[i], _sockets.Look, place.WasThere);
            }
        }
    }

    /// <summary>Returns the listener that needs its place least: the least urgent and, among equals, the newest.</summary>
    private ListenerEntry? Weakest()
    {
        ListenerEntry? weakest = null;
        foreach (var entry in _entries.Values)
        {
            if (entry.Look == _sockets.Look
                && (weakest is null || entry.Urgency < weakest.Urgency || (entry.Urgency == weakest.Urgency && entry.OpenedAt > weakest.OpenedAt)))
            {
                weakest = entry;
            }
        }

        return weakest;
    }

    /// <summary>Takes a place from an open listener.</summary>
    private void GiveUp(ListenerEntry entry, TimeSpan now)
    {
        Remember(entry, now);
        _live--;
        _waiting[entry.Key] = new Waiting { Since = entry.OpenedAt, Look = _sockets.Look };
    }

    private ListenerEntry Create(in ListenerKey key, TimeSpan now, long unixMilliseconds)
    {
        var entry = new ListenerEntry(key, _peakWindow, now, unixMilliseconds, _netns);
        if (_remembered.Remove(key, out var totals))
        {
            entry.Resume(in totals);
        }

        if (_sockets.Look > 1 && !totals.WasThere)
        {
            entry.Open(now, unixMilliseconds);
        }

        _entries.Add(key, entry);
        return entry;
    }

    /// <summary>Adds what a socket discarded and lost to the counters of its listener.</summary>
    private void Settle(in ListenerSocket socket, in Place place, TimeSpan now)
    {
        if (!socket.HasDrops || place.IsTold)
        {
            return;
        }

        ref var record = ref _sockets[place.Record];
        record.Owner = place.Entry;
        if (place.IsUnnamed)
        {
            return;
        }

        var lost = record.Pending;
        record.Pending = default;
        var added = unchecked(socket.Drops - record.Counted);
        record.Counted = socket.Drops;
        if (place.Entry is not { } entry)
        {
            Unattributed += lost;
            return;
        }

        entry.Sample.Drops += added;
        if (lost.Total > 0)
        {
            entry.Lose(in lost, now);
        }

        if (place.HasOverflowed)
        {
            entry.Overflow(in socket);
        }
    }

    /// <summary>
    /// Forgets closed listeners: those that are too old and, if there are too many, those that closed first, until half of
    /// the room is free again.
    /// </summary>
    private void ForgetGone(TimeSpan now)
    {
        foreach (var (key, entry) in _entries)
        {
            if (entry.Look != _sockets.Look && now - entry.LastSeen > Retention)
            {
                _entries.Remove(key);
            }
        }

        var excess = _entries.Count - _live - _max;
        if (excess > 0)
        {
            // rare, because there is room again afterwards: its allocations are not part of each tick
            var gone = _entries.Values.Where(entry => entry.Look != _sockets.Look);
            foreach (var entry in gone.OrderBy(entry => entry.LastSeen).Take(excess + (_max / 2)).ToArray())
            {
                Remember(entry, now);
            }
        }
    }

    private void Remember(ListenerEntry entry, TimeSpan now)
    {
        _entries.Remove(entry.Key);
        entry.IsEvicted = true;
        if (_remembered.Count >= MostRemembered)
        {
            foreach (var key in _remembered.OrderBy(listener => listener.Value.LeftAt).Take(MostRemembered / 2).Select(listener => listener.Key).ToArray())
            {
                _remembered.Remove(key);
            }
        }

        _remembered[entry.Key] = entry.ToTotals(now);
    }

    /// <summary>One socket of a read.</summary>
    private struct Place
    {
        public ListenerKey Key;
        public ListenerEntry? Entry;

        /// <summary>The slot of its record, if the source reports its drops.</summary>
        public int Record;

        /// <summary>What it lost since the last read.</summary>
        public ulong Lost;

        /// <summary>Half-open connections of its endpoint, only at the endpoint's first socket and only if requested.</summary>
        public long HalfOpen;

        /// <summary>Some of its losses were caused by a full accept queue.</summary>
        public bool HasOverflowed;

        /// <summary>It has already appeared in this read.</summary>
        public bool IsTold;

        /// <summary>Its unit has not been looked up yet.</summary>
        public bool IsUnnamed;

        /// <summary>Its listener is selected and has a name.</summary>
        public bool IsWanted;

        /// <summary>The last read showed it too.</summary>
        public bool WasThere;
    }

    /// <summary>A listener without a place so far in this read.</summary>
    private struct Newcomer
    {
        public ListenerKey Key;
        public double Urgency;
        public double Filled;
        public TimeSpan Since;
        public int Order;
    }

    /// <summary>A listener that waits for a place.</summary>
    private struct Waiting
    {
        public TimeSpan Since;
        public double Lost;
        public uint Look;
        public int Newcomer;
        public bool IsSeated;
    }
}
