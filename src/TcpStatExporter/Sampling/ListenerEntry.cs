using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>A listener with series: its row and its accumulated values.</summary>
internal sealed class ListenerEntry
{
    /// <summary>Half-life of past losses when deciding which listener keeps a place.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(5);

    private readonly PeakWindow _queuePeak;
    private readonly PeakWindow _fillRatioPeak;
    private readonly PeakWindow _synQueuePeak;
    private double _lately;
    private long _fullest;
    private double _fullestRatio;
    private bool _knewSocket;
    private double _coming;
    private bool _wasAway;

    /// <summary>Its row.</summary>
    public ListenerSample Sample;

    /// <summary>Creates an entry for a new listener.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="peakWindow">Window of the peaks.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="unixMilliseconds">Wall-clock time.</param>
    /// <param name="netns">Its network namespace. Empty for the host's own.</param>
    public ListenerEntry(in ListenerKey key, TimeSpan peakWindow, TimeSpan now, long unixMilliseconds, string netns = "")
    {
        Key = key;
        Sample.Identity = new ListenerIdentity(key.Address, key.Port, key.Unit, key.Device, netns);
        Sample.CreatedUnixMilliseconds = unixMilliseconds;
        Sample.OpenedUnixMilliseconds = unixMilliseconds;
        OpenedAt = now;
        LastSeen = now;
        _coming = 0;
        _queuePeak = new PeakWindow(peakWindow);
        _fillRatioPeak = new PeakWindow(peakWindow);
        _synQueuePeak = new PeakWindow(peakWindow);
    }

    /// <summary>Its key.</summary>
    public ListenerKey Key { get; }

    /// <summary>The last read that showed it.</summary>
    public uint Look { get; private set; }

    /// <summary>Monotonic time of the last read that showed it.</summary>
    public TimeSpan LastSeen { get; private set; }

    /// <summary>Monotonic time at which it was first seen after its last absence.</summary>
    public TimeSpan OpenedAt { get; private set; }

    /// <summary>Time of the first read without it, in Unix milliseconds. 0 while it is open.</summary>
    public long ClosedUnixMilliseconds { get; set; }

    /// <summary>Index of its row in the last output. −1 if it has none.</summary>
    public int Row { get; set; } = -1;

    /// <summary>How long connections wait in its queue. Null if it was never seen in use.</summary>
    public QueueWaits? Waits { get; set; }

    /// <summary>Length of its queue in the current examination of the queues.</summary>
    public long LookLength { get; set; }

    /// <summary>It has lost its place.</summary>
    public bool IsEvicted { get; set; }

    /// <summary>How serious its problems are: its recent losses, and whether its queue is or was full.</summary>
    public double Urgency => _lately + _coming + (Sample.HasLimit ? UrgencyOf((long)Sample.QueuePeak, Sample.FillRatioPeak) : 0);

    /// <summary>
    /// Returns the share of past losses that still counts after some time, when deciding which listener has a place.
    /// </summary>
    /// <param name="time">The time.</param>
    public static double Decay(TimeSpan time) => Math.Pow(0.5, time / HalfLife);

    /// <summary>
    /// Returns the urgency of a queue. A queue with a limit of one or two is full after the first connections, so at least
    /// four have to wait.
    /// </summary>
    /// <param name="length">Its length.</param>
    /// <param name="ratio">Its length ÷ its limit.</param>
    public static double UrgencyOf(long length, double ratio) => length >= 4 && ratio > 0.9 ? Math.Min(ratio, 2) : 0;

    /// <summary>
    /// Returns length ÷ limit. A queue with limit 0 still holds one connection and is then full: the result is 2.
    /// </summary>
    /// <param name="length">Its length.</param>
    /// <param name="limit">Its limit.</param>
    public static double Fill(long length, long limit) => limit > 0 ? (double)length / limit : 2.0 * length;

    /// <summary>Continues with the counters that a listener had when it lost its place.</summary>
    /// <param name="totals">The counters.</param>
    public void Resume(in ListenerTotals totals)
    {
        Sample.Drops = totals.Drops;
        Sample.Lost = totals.Lost;
        Sample.FillRatios = totals.FillRatios;
        Sample.Openings = totals.Openings;
        Sample.CreatedUnixMilliseconds = totals.CreatedUnixMilliseconds;
        Sample.OpenedUnixMilliseconds = totals.OpenedUnixMilliseconds;
        OpenedAt = totals.OpenedAt;
        Waits = totals.Waits;
    }

    /// <summary>Returns what to remember when it loses its place.</summary>
    /// <param name="now">Monotonic time.</param>
    public ListenerTotals ToTotals(TimeSpan now) => new(
        Sample.Drops,
        Sample.Lost,
        Sample.FillRatios,
        Sample.Openings,
        Sample.CreatedUnixMilliseconds,
        Sample.OpenedUnixMilliseconds,
        OpenedAt,
        Waits,
        WasThere: ClosedUnixMilliseconds == 0,
        now);

    /// <summary>Records that it began to listen.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="unixMilliseconds">Wall-clock time.</param>
    public void Open(TimeSpan now, long unixMilliseconds)
    {
        Sample.Openings++;
        Sample.OpenedUnixMilliseconds = unixMilliseconds;
        OpenedAt = now;
    }

    /// <summary>Gives it a place, before its sockets are processed.</summary>
    /// <param name="look">The current read.</param>
    /// <param name="trouble">The urgency for which it got the place.</param>
    public void Seat(uint look, double trouble)
    {
        Begin(look);
        _lately = Math.Max(_lately, trouble);
    }

    /// <summary>Adds one of its sockets.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="look">The current read.</param>
    /// <param name="wasThere">One of the last reads showed the same socket. True if unknown.</param>
    /// <returns>True if it is its first socket in this read.</returns>
    public bool Join(in ListenerSocket socket, uint look, bool wasThere)
    {
        var isFirst = Look != look;
        if (isFirst)
        {
            Begin(look);
        }

        Sample.Sockets++;
        Sample.QueueLength += socket.QueueLength;
        Sample.HasLimit = socket.HasLimit;
        Sample.HasDrops = socket.HasDrops;
        _knewSocket |= wasThere && !_wasAway;
        if (socket.HasLimit)
        {
            Sample.QueueLimit += socket.QueueLimit;
            Sample.FillRatio = Math.Max(Sample.FillRatio, Fill(socket.QueueLength, socket.QueueLimit));
        }

        return isFirst;
    }

    /// <summary>Records the losses of this read before places are assigned.</summary>
    /// <param name="lost">The losses of one of its sockets.</param>
    public void Expect(ulong lost) => _coming += lost;

    /// <summary>Adds the losses of one of its sockets.</summary>
    /// <param name="lost">The losses.</param>
    /// <param name="now">Monotonic time.</param>
    public void Lose(in LossCounts lost, TimeSpan now)
    {
        Sample.Lost += lost;
        Sample.LastLoss = now;
        _lately += lost.Total;
    }

    /// <summary>An accept queue that overflowed was full since the last read, even if no read showed it.</summary>
    /// <param name="socket">The socket with the queue.</param>
    public void Overflow(in ListenerSocket socket)
    {
        if (socket.HasLimit && socket.QueueLength <= socket.QueueLimit)
        {
            _fullest += socket.QueueLimit + 1L - socket.QueueLength;
            _fullestRatio = Math.Max(_fullestRatio, Fill(socket.QueueLimit + 1L, socket.QueueLimit));
        }
    }

    /// <summary>Adds the completed read to the peaks and the histogram.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="unixMilliseconds">Wall-clock time.</param>
    public void Close(TimeSpan now, long unixMilliseconds)
    {
        if (!_knewSocket && LastSeen != now)
        {
            // it was open before, but all its sockets are new: it was reopened between two reads
            Open(now, unixMilliseconds);
        }

        _lately *= Decay(now - LastSeen);
        LastSeen = now;
        _queuePeak.Observe(now, Sample.QueueLength + _fullest);
        Sample.QueuePeak = _queuePeak.Peak;
        if (Sample.HasLimit)
        {
            var ratio = Math.Max(Sample.FillRatio, _fullestRatio);
            Sample.FillRatios.Observe(ListenerSample.FillRatioBounds, ratio);
            _fillRatioPeak.Observe(now, ratio);
        }

        Sample.FillRatioPeak = _fillRatioPeak.Peak;
    }

    /// <summary>Adds the counted half-open connections to its row.</summary>
    /// <param name="now">Monotonic time.</param>
    public void CloseSynQueue(TimeSpan now)
    {
        _synQueuePeak.Observe(now, Sample.SynQueueLength);
        Sample.SynQueuePeak = _synQueuePeak.Peak;
    }

    /// <summary>The half-open connections were not counted in this tick.</summary>
    /// <param name="now">Monotonic time.</param>
    public void KeepSynQueue(TimeSpan now)
    {
        _synQueuePeak.Advance(now);
        Sample.SynQueuePeak = _synQueuePeak.Peak >= Sample.SynQueueLength ? _synQueuePeak.Peak : Sample.SynQueueLength;
    }

    /// <summary>Copies the waiting times to its row.</summary>
    /// <param name="row">Row of the histogram. −1 if there is none.</param>
    public void TellWaits(int row)
    {
        Sample.HasWaits = Sample.HasDrops;
        Sample.WaitRow = row;
        if (Waits is { } waits)
        {
            Sample.OldestSeconds = waits.Oldest;
            Sample.OldestSecondsPeak = waits.Peak;
            Sample.OldestLength = waits.Length;
            Sample.QueuedBytes = waits.MemoryBytes;
        }
    }

    private void Begin(uint look)
    {
        _wasAway = Look != 0 && look - Look > SocketMemory.MissedLooks;
        Look = look;
        ClosedUnixMilliseconds = 0;
        Sample.Sockets = 0;
        Sample.QueueLength = 0;
        Sample.QueueLimit = 0;
        Sample.FillRatio = 0;
        _fullest = 0;
        _fullestRatio = 0;
        _knewSocket = false;
    }
}
