using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Everything that is remembered of listeners from sample to sample: peaks, fill histograms, drops. Sockets are grouped
/// by address, port and unit. A listener that goes away is kept for a while, so that a restart continues its counters.
/// </summary>
internal sealed class ListenerTable
{
    /// <summary>How long a listener that is gone keeps its counters.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly EndpointIndex<Entry?> _index = new();
    private readonly HashSet<Key> _refused = [];
    private readonly ValueList<int> _newcomers = new();
    private readonly DropAccumulator _drops = new();
    private readonly TimeSpan _peakWindow;
    private readonly int _max;
    private readonly Func<IpAddress, ushort, bool> _isSelected;
    private readonly Func<ulong, string?> _unitOf;
    private uint _round;
    private int _live;

    /// <summary>Makes an empty table.</summary>
    /// <param name="peakWindow">Window of the peaks.</param>
    /// <param name="max">Most listeners that are kept at a time; those already kept go before new ones.</param>
    /// <param name="isSelected">Whether a listener is wanted at all.</param>
    /// <param name="unitOf">The unit behind a cgroup2 id; empty where unknown, null where it was not looked for yet.</param>
    public ListenerTable(TimeSpan peakWindow, int max, Func<IpAddress, ushort, bool> isSelected, Func<ulong, string?> unitOf)
    {
        _peakWindow = peakWindow;
        _max = max;
        _isSelected = isSelected;
        _unitOf = unitOf;
    }

    /// <summary>Selected listeners that were there at the last sample and are not kept, because there are too many.</summary>
    public int NotKept => _refused.Count;

    /// <summary>Takes one sample of all listening sockets.</summary>
    /// <param name="sockets">The sockets.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="unixMilliseconds">Wall-clock time, for listeners seen for the first time.</param>
    public void Observe(ReadOnlySpan<ListenerSocket> sockets, TimeSpan now, long unixMilliseconds)
    {
        _round++;
        _live = 0;
        _refused.Clear();
        _newcomers.Clear();
        _drops.Begin();

        // those that were there at the last sample come first: a crowd of new listeners displaces none of them
        for (var i = 0; i < sockets.Length; i++)
        {
            ref readonly var socket = ref sockets[i];
            if (!_isSelected(socket.Address, socket.Port) || !TryKeyOf(socket, out var key))
            {
                continue;
            }

            if (_entries.TryGetValue(key, out var entry) && _round - entry.Round <= 1)
            {
                Join(entry, socket, now);
            }
            else
            {
                _newcomers.Add(i);
            }
        }

        foreach (var i in _newcomers.Span)
        {
            if (!TryKeyOf(sockets[i], out var key))
            {
                continue;
            }

            if (_entries.TryGetValue(key, out var entry) && entry.Round == _round)
            {
                Join(entry, sockets[i], now);
            }
            else if (_live < _max)
            {
                Join(entry ?? Create(key, now, unixMilliseconds), sockets[i], now);
            }
            else
            {
                _refused.Add(key);
            }
        }

        _drops.End();
        _index.Clear();
        foreach (var entry in _entries.Values)
        {
            if (entry.Round == _round)
            {
                entry.Close(now);

                // two units on one endpoint (SO_REUSEPORT): a half-open connection does not say whose it is, the first takes it
                _index.Add(entry.Sample.Identity.Address, entry.Sample.Identity.Port, entry);
            }
        }

        // half-open connections of a listener without series are not its wildcard neighbour's
        foreach (ref readonly var socket in sockets)
        {
            _index.Add(socket.Address, socket.Port, null);
        }

        if (_entries.Count > _live)
        {
            ForgetGone(now);
        }
    }

    /// <summary>Takes one sample of the half-open connections.</summary>
    /// <param name="queues">Half-open connections by local end.</param>
    /// <param name="now">Monotonic time.</param>
    public void ObserveSynQueues(ReadOnlySpan<SynQueue> queues, TimeSpan now)
    {
        foreach (var entry in _entries.Values)
        {
            entry.Sample.SynQueueLength = 0;
        }

        foreach (ref readonly var queue in queues)
        {
            if (_index.TryFind(queue.Address, queue.Port, out var entry) && entry is not null)
            {
                entry.Sample.SynQueueLength += queue.Length;
            }
        }

        foreach (var entry in _entries.Values)
        {
            entry.SynQueuePeak.Observe(now, entry.Sample.SynQueueLength);
            entry.Sample.SynQueuePeak = entry.SynQueuePeak.Peak;
        }
    }

    /// <summary>Hands out a row for each listener that was there at the last sample.</summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyTo(ValueList<ListenerSample> rows)
    {
        rows.Clear();
        foreach (var entry in _entries.Values)
        {
            if (entry.Round == _round)
            {
                rows.Add(entry.Sample);
            }
        }
    }

    /// <summary>
    /// False for a socket whose unit is yet to be looked for: it is left out of this sample, its drops unheeded, rather
    /// than given a series under no name and another under its own. At the first look of all there is nothing to wait
    /// for: the cgroups in it are older than the search that it set off.
    /// </summary>
    private bool TryKeyOf(in ListenerSocket socket, out Key key)
    {
        var unit = _unitOf(socket.CgroupId) ?? (_round == 1 ? "" : null);
        key = unit is null ? default : new Key(socket.Address, socket.Port, unit);
        return unit is not null;
    }

    private void Join(Entry entry, in ListenerSocket socket, TimeSpan now)
    {
        var added = 0u;
        if (socket.HasDrops && !_drops.TryObserve(socket.Cookie, socket.Drops, out added))
        {
            // told twice
            return;
        }

        ref var sample = ref entry.Sample;
        if (entry.Round != _round)
        {
            entry.Round = _round;
            _live++;
            sample.Sockets = 0;
            sample.QueueLength = 0;
            sample.QueueLimit = 0;
            sample.FillRatio = 0;
        }

        sample.Sockets++;
        sample.QueueLength += socket.QueueLength;
        sample.HasLimit = socket.HasLimit;
        sample.HasDrops = socket.HasDrops;
        if (socket.HasLimit)
        {
            sample.QueueLimit += socket.QueueLimit;
            sample.FillRatio = Math.Max(sample.FillRatio, Fill(socket));
        }

        sample.Drops += added;
        if (added > 0 && _round > 1)
        {
            // at the first look of all it may have been any time ago
            sample.LastLoss = now;
        }
    }

    /// <summary>length ÷ limit. A queue of limit 0 still takes one connection, and is full with it: it reads as 2.</summary>
    private static double Fill(in ListenerSocket socket) =>
        socket.QueueLimit > 0 ? (double)socket.QueueLength / socket.QueueLimit : 2.0 * socket.QueueLength;

    private Entry Create(in Key key, TimeSpan now, long unixMilliseconds)
    {
        var entry = new Entry(new ListenerIdentity(key.Address, key.Port, key.Unit), _peakWindow, now, unixMilliseconds);
        _entries.Add(key, entry);
        return entry;
    }

    /// <summary>Forgets listeners that are gone: those past their time and, where they are too many, those that went first, until there is room for half as many again.</summary>
    private void ForgetGone(TimeSpan now)
    {
        foreach (var (key, entry) in _entries)
        {
            if (entry.Round != _round && now - entry.LastSeen > Retention)
            {
                _entries.Remove(key);
            }
        }

        var excess = _entries.Count - _live - _max;
        if (excess > 0)
        {
            // that there is room again makes this rare: what it allocates is no cost of each tick
            var gone = _entries.Where(entry => entry.Value.Round != _round);
            foreach (var (key, _) in gone.OrderBy(entry => entry.Value.LastSeen).Take(excess + (_max / 2)).ToArray())
            {
                _entries.Remove(key);
            }
        }
    }

    private readonly record struct Key(IpAddress Address, ushort Port, string Unit);

    private sealed class Entry
    {
        public ListenerSample Sample;
        public uint Round;
        public TimeSpan LastSeen;

        public Entry(ListenerIdentity identity, TimeSpan peakWindow, TimeSpan now, long unixMilliseconds)
        {
            Sample.Identity = identity;
            Sample.CreatedUnixMilliseconds = unixMilliseconds;
            LastSeen = now;
            QueuePeak = new PeakWindow(peakWindow);
            FillRatioPeak = new PeakWindow(peakWindow);
            SynQueuePeak = new PeakWindow(peakWindow);
        }

        public PeakWindow QueuePeak { get; }

        public PeakWindow FillRatioPeak { get; }

        public PeakWindow SynQueuePeak { get; }

        /// <summary>Takes the finished sample of the group into the peaks and the histogram.</summary>
        public void Close(TimeSpan now)
        {
            LastSeen = now;
            QueuePeak.Observe(now, Sample.QueueLength);
            Sample.QueuePeak = QueuePeak.Peak;
            if (Sample.HasLimit)
            {
                Sample.FillRatios.Observe(ListenerSample.FillRatioBounds, Sample.FillRatio);
                FillRatioPeak.Observe(now, Sample.FillRatio);
            }

            Sample.FillRatioPeak = FillRatioPeak.Peak;
        }
    }
}
