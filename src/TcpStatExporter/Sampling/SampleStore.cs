using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Passes samples from the sampler to readers, by reference. A published sample does not change, and is reused once nobody
/// holds it. Neither side waits for the other, whatever a reader does with its sample. A sample that is too old is returned
/// with all sources failed. This happens here, so no reader can forget it.
/// </summary>
/// <param name="time">The clock of the ticks.</param>
/// <param name="freshness">Maximum age of a fresh sample.</param>
internal sealed class SampleStore(TimeProvider time, TimeSpan freshness)
{
    private readonly Lock _lock = new();
    private readonly LeasePool<NamespaceSample> _samples = new();
    private readonly LeasePool<SweepSample> _sweeps = new();
    private readonly RecentPast _recent = new();
    private NamespaceSample? _published;
    private NamespaceSample? _stale;
    private long _lastGoodTimestamp = long.MinValue;
    private ulong _lastTick;

    /// <summary>Raised when a tick was published, on the publishing thread. Handlers must not block.</summary>
    public event EventHandler? Ticked;

    /// <summary>Creates a store for one thread that samples and then reads. Nothing in it becomes stale.</summary>
    public SampleStore()
        : this(TimeProvider.System, TimeSpan.MaxValue)
    {
    }

    /// <summary>Publishes a tick.</summary>
    /// <param name="sample">The sampler's own sample. It is copied without its sweep.</param>
    /// <param name="goodTimestamp">Monotonic timestamp of the tick, if at least one source was read. Otherwise null.</param>
    public void Publish(NamespaceSample sample, long? goodTimestamp)
    {
        NamespaceSample next;
        lock (_lock)
        {
            next = _samples.Rent();
        }

        // not published yet, so nobody else can see it
        sample.CopyTickTo(next);
        bool isTick;
        lock (_lock)
        {
            TakeSweep(next, Published.Sweep, Published[SourceId.Sweep]);
            Replace(next);
            _recent.Observe(next);
            _lastGoodTimestamp = goodTimestamp ?? _lastGoodTimestamp;
            isTick = sample.Samples != _lastTick;
            _lastTick = sample.Samples;
        }

        if (isTick)
        {
            Ticked?.Invoke(this, EventArgs.Empty);
        }
    }

    /// <summary>Publishes a sweep together with the last published tick.</summary>
    /// <param name="sweep">The result of the sweep. It is copied.</param>
    /// <param name="statistics">Statistics about the sweeps.</param>
    public void Publish(SweepSample sweep, in SourceStatistics statistics)
    {
        lock (_lock)
        {
            var found = _sweeps.Rent();
            sweep.CopyTo(found);
            var next = _samples.Rent();
            Published.CopyTickTo(next);
            TakeSweep(next, found, statistics);
            found.Leases--;
            Replace(next);
        }
    }

    /// <summary>Takes the last published sample.</summary>
    /// <returns>Dispose it after reading.</returns>
    public SampleLease Take()
    {
        lock (_lock)
        {
            var isFresh = IsFresh(out var age);
            var sample = isFresh || age is null ? Published : _stale ??= MakeStale();
            sample.Leases++;
            return new SampleLease(this, sample, age);
        }
    }

    /// <summary>Takes the last published sample and the minute before it.</summary>
    /// <param name="recent">The reader's own copy of the recent past. It is overwritten.</param>
    /// <returns>Dispose it after reading.</returns>
    public SampleLease Take(RecentPast recent)
    {
        lock (_lock)
        {
            _recent.CopyTo(recent);
            return Take();
        }
    }

    /// <summary>Returns a leased sample.</summary>
    /// <param name="sample">The sample.</param>
    internal void Return(NamespaceSample sample)
    {
        lock (_lock)
        {
            if (--sample.Leases == 0)
            {
                sample.Sweep.Leases--;
            }
        }
    }

    /// <inheritdoc cref="RecentPast.LeastCloseWait"/>
    public long? LeastCloseWait(TimeSpan since)
    {
        lock (_lock)
        {
            return _recent.LeastCloseWait(since);
        }
    }

    /// <summary>Returns true if there is a current sample.</summary>
    /// <param name="age">Age of the last tick that read at least one source. Null before the first one.</param>
    public bool IsFresh(out TimeSpan? age)
    {
        age = Age(time);
        return age <= freshness;
    }

    /// <summary>Returns the age of the last tick that read at least one source, or null before the first one.</summary>
    /// <param name="clock">The clock of the ticks.</param>
    public TimeSpan? Age(TimeProvider clock)
    {
        lock (_lock)
        {
            return _lastGoodTimestamp == long.MinValue ? null : clock.GetElapsedTime(_lastGoodTimestamp);
        }
    }

    private NamespaceSample Published
    {
        get
        {
            if (_published is null)
            {
                _published = _samples.Rent();
                TakeSweep(_published, sweep: null, default);
            }

            return _published;
        }
    }

    private void Replace(NamespaceSample next)
    {
        var before = _published;
        var stale = _stale;
        (_published, _stale) = (next, null);
        if (before is not null)
        {
            Return(before);
        }

        if (stale is not null)
        {
            Return(stale);
        }
    }

    private NamespaceSample MakeStale()
    {
        var stale = _samples.Rent();
        Published.CopyTickTo(stale);
        TakeSweep(stale, Published.Sweep, Published[SourceId.Sweep]);
        stale.IsStale = true;
        stale.Host.Sockets = null;
        MakeStale(ref stale.Host.Status(HostSourceId.Softnet)); // the size of the memory does not change
        for (var id = SourceId.Sockets; (int)id < SourceExtensions.Count; id++)
        {
            MakeStale(ref stale.Kernel[id]);
        }

        return stale;
    }

    private static void MakeStale(ref ReadResult status) => status = status.IsOk ? ReadResult.Failed(SourceError.Stale) : status;

    /// <summary>
    /// Adds a sweep to a sample that will be published. The sample holds a lease on the sweep as long as it is held itself.
    /// </summary>
    private void TakeSweep(NamespaceSample sample, SweepSample? sweep, in SourceStatistics statistics)
    {
        sample.Sweep = sweep ?? _sweeps.Rent();
        sample.Sweep.Leases += sweep is null ? 0 : 1;
        sample[SourceId.Sweep] = statistics;
    }
}
