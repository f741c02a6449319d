using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Where the sampler leaves a sample and readers take it, by reference: a published sample does not change, and is used
/// again once nobody holds it. Neither side waits for the other, whatever a reader does with its sample. One that is too
/// old to speak of now is handed out as one whose sources failed: here, so that no reader can forget it.
/// </summary>
/// <param name="time">The clock that the ticks run on.</param>
/// <param name="freshness">Age up to which a sample is fresh.</param>
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

    /// <summary>A tick was published; told on the thread that did, which is not to be held up.</summary>
    public event EventHandler? Ticked;

    /// <summary>Makes a store for one thread that samples and then reads: nothing in it goes stale.</summary>
    public SampleStore()
        : this(TimeProvider.System, TimeSpan.MaxValue)
    {
    }

    /// <summary>Publishes a tick.</summary>
    /// <param name="sample">The sampler's own, which is copied; its sweep is left out.</param>
    /// <param name="goodTimestamp">Monotonic timestamp of the tick where at least one source was read; otherwise none.</param>
    public void Publish(NamespaceSample sample, long? goodTimestamp)
    {
        NamespaceSample next;
        lock (_lock)
        {
            next = _samples.Rent();
        }

        // not yet published: nobody else can see it
        sample.CopyTickTo(next);
        bool isTick;
        lock (_lock)
        {
            TakeSweep(next, _published?.Sweep, _published is null ? default : _published[SourceId.Sweep]);
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

    /// <summary>Publishes a sweep, beside the tick that was published last.</summary>
    /// <param name="sweep">What it found; it is copied.</param>
    /// <param name="statistics">How the sweeps have fared.</param>
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

    /// <summary>Takes what was published last.</summary>
    /// <returns>To be disposed when it was read.</returns>
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

    /// <summary>Takes what was published last, and the minute before it.</summary>
    /// <param name="recent">The reader's own past, overwritten.</param>
    /// <returns>To be disposed when it was read.</returns>
    public SampleLease Take(RecentPast recent)
    {
        lock (_lock)
        {
            _recent.CopyTo(recent);
            return Take();
        }
    }

    /// <summary>Takes back a sample that was leased.</summary>
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

    /// <summary>Whether there is a sample that speaks of now.</summary>
    /// <param name="age">Age of the last tick that read at least one source; none before the first.</param>
    public bool IsFresh(out TimeSpan? age)
    {
        age = Age(time);
        return age <= freshness;
    }

    /// <summary>Age of the last tick that read at least one source; none before the first.</summary>
    /// <param name="clock">The clock that the ticks run on.</param>
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
        stale.Host.SoftnetStatus = stale.Host.SoftnetStatus.IsOk ? ReadResult.Failed(SourceError.Stale) : stale.Host.SoftnetStatus;
        for (var id = SourceId.Sockets; (int)id < SourceExtensions.Count; id++)
        {
            stale.Kernel[id] = stale.Kernel[id].IsOk ? ReadResult.Failed(SourceError.Stale) : stale.Kernel[id];
        }

        return stale;
    }

    /// <summary>Gives a sample that is about to be published a sweep, on which it holds a lease as long as it is held itself.</summary>
    private void TakeSweep(NamespaceSample sample, SweepSample? sweep, in SourceStatistics statistics)
    {
        sample.Sweep = sweep ?? _sweeps.Rent();
        sample.Sweep.Leases += sweep is null ? 0 : 1;
        sample[SourceId.Sweep] = statistics;
    }
}
