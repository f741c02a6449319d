using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// The last minute of published samples: a few values per second for charts, and the counters of the last seconds for rates.
/// Allocates nothing once it is full and the number of listeners is steady.
/// </summary>
internal sealed class RecentPast
{
    /// <summary>Number of points: both ends of a minute of seconds. If ticks are less frequent, each tick is a point.</summary>
    public const int MaxPoints = 61;

    // one more than the window has seconds, plus a few for intervals that do not divide a second
    private const int MaxMarks = 8;

    /// <summary>Period for rates: long enough to be steady, short enough to be current.</summary>
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5.5);

    /// <summary>Ticks are slightly early or late, so a new second begins after nine tenths of one.</summary>
    private static readonly TimeSpan ShortestPoint = TimeSpan.FromSeconds(0.9);

    private readonly RecentPoint[] _points = new RecentPoint[MaxPoints];
    private readonly RecentMark[] _marks = [.. Enumerable.Range(0, MaxMarks).Select(_ => new RecentMark())];
    private ulong _lastTick;
    private long _begun;

    /// <summary>Number of points, at most <see cref="MaxPoints"/>.</summary>
    public int Count => (int)Math.Min(_begun, MaxPoints);

    /// <summary>A point.</summary>
    /// <param name="index">0 is the oldest.</param>
    public ref readonly RecentPoint this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return ref _points[(_begun - Count + index) % MaxPoints];
        }
    }

    /// <summary>Records a published sample: a tick, or a read of the listeners between two ticks.</summary>
    /// <param name="sample">The sample.</param>
    public void Observe(NamespaceSample sample)
    {
        if (sample.Samples == 0)
        {
            return;
        }

        var isLook = sample.Samples == _lastTick;
        _lastTick = sample.Samples;
        if (!isLook && (_begun == 0 || sample.SampledAt - Latest().At >= ShortestPoint))
        {
            _marks[_begun % MaxMarks].Take(sample);
            _begun++;
            Latest() = new RecentPoint { At = sample.SampledAt, WorstFill = double.NaN, LeastCloseWait = long.MaxValue };
        }

        Take(sample, ref Latest());
    }

    /// <summary>
    /// Returns the counters to compare with those of a sample: about five seconds older, or those of the last tick if ticks
    /// are less frequent.
    /// </summary>
    /// <param name="sample">The sample.</param>
    /// <returns>Null before there are two ticks.</returns>
    public RecentMark? Before(NamespaceSample sample)
    {
        RecentMark? found = null;
        for (var i = _begun - 1; i >= Math.Max(0, _begun - MaxMarks); i--)
        {
            var mark = _marks[i % MaxMarks];
            var age = sample.SampledAt - mark.At;
            if (age > TimeSpan.Zero && (found is null || age <= RateWindow))
            {
                found = mark;
            }
        }

        return found;
    }

    /// <summary>
    /// Returns how long ago a listener last discarded a packet, to the second. Null if it discarded none in the last seconds.
    /// </summary>
    /// <param name="sample">The sample.</param>
    /// <param name="listener">A listener in it.</param>
    public TimeSpan? SinceDrop(NamespaceSample sample, in ListenerSample listener)
    {
        var since = sample.ListenersAt;
        for (var i = _begun - 1; i >= Math.Max(0, _begun - MaxMarks); i--)
        {
            var mark = _marks[i % MaxMarks];
            foreach (ref readonly var then in mark.Drops.Span)
            {
                if (ReferenceEquals(then.Identity, listener.Identity) && then.Drops < listener.Drops)
                {
                    return sample.ListenersAt - since;
                }
            }

            since = mark.ListenersAt;
        }

        return null;
    }

    /// <summary>
    /// Returns the smallest number of connections in CLOSE_WAIT that processes held at any tick since a time, as far back as
    /// the points go.
    /// </summary>
    /// <param name="since">Monotonic time.</param>
    /// <returns>Null if no tick counted them.</returns>
    public long? LeastCloseWait(TimeSpan since)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Count; i++)
        {
            ref readonly var point = ref this[i];
            least = point.At >= since ? Math.Min(least, point.LeastCloseWait) : least;
        }

        return least == long.MaxValue ? null : least;
    }

    /// <summary>Copies everything to <paramref name="other"/>.</summary>
    /// <param name="other">The past to overwrite.</param>
    public void CopyTo(RecentPast other)
    {
        _points.CopyTo(other._points, 0);
        for (var i = 0; i < MaxMarks; i++)
        {
            _marks[i].CopyTo(other._marks[i]);
        }

        other._lastTick = _lastTick;
        other._begun = _begun;
    }

    /// <summary>
    /// Current values are those of the last tick in the point. The fill is the maximum, and the CLOSE_WAIT minimum is over
    /// all of its ticks.
    /// </summary>
    private static void Take(NamespaceSample sample, ref RecentPoint point)
    {
        point.HasStates = sample.Status(SourceId.Sockets).IsOk;
        point.States = sample.Kernel.States;
        point.LeastCloseWait = point.HasStates && !sample.Kernel.AreStatesOld ? Math.Min(point.LeastCloseWait, sample.Kernel.CloseWaitHeld) : point.LeastCloseWait;
        var drops = sample.Kernel.Netstat.IndexOf("ListenDrops");
        point.HasListenDrops = drops >= 0 && sample.Status(SourceId.Netstat).IsOk;
        point.ListenDrops = point.HasListenDrops ? sample.Kernel.Netstat.Values[drops] : 0;
        if (!sample.Status(SourceId.Listeners).IsOk)
        {
            return;
        }

        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            if (listener.HasLimit && !(listener.FillRatio <= point.WorstFill))
            {
                point.WorstFill = listener.FillRatio;
            }
        }
    }

    private ref RecentPoint Latest() => ref _points[(_begun - 1) % MaxPoints];
}
