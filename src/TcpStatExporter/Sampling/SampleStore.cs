using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Where the sampler leaves a sample and readers take it. Both only copy while they hold the lock, so that neither
/// waits for the other longer than a copy takes, whatever a reader then does with its own. A sample that is too old to
/// speak of now is handed out as one whose sources failed: here, so that no reader can forget it.
/// </summary>
/// <param name="time">The clock that the ticks run on.</param>
/// <param name="freshness">Age up to which a sample is fresh.</param>
internal sealed class SampleStore(TimeProvider time, TimeSpan freshness)
{
    private readonly Lock _lock = new();
    private readonly HostSample _published = new();
    private readonly RecentPast _recent = new();
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
    /// <param name="sample">The sampler's own; its sweep is left out.</param>
    /// <param name="goodTimestamp">Monotonic timestamp of the tick where at least one source was read; otherwise none.</param>
    public void Publish(HostSample sample, long? goodTimestamp)
    {
        bool isTick;
        lock (_lock)
        {
            sample.CopyTickTo(_published);
            _recent.Observe(_published);
            _lastGoodTimestamp = goodTimestamp ?? _lastGoodTimestamp;
            isTick = sample.Samples != _lastTick;
            _lastTick = sample.Samples;
        }

        if (isTick)
        {
            Ticked?.Invoke(this, EventArgs.Empty);
        }
    }

    /// <summary>Publishes a sweep.</summary>
    /// <param name="sweep">What it found.</param>
    /// <param name="statistics">How the sweeps have fared.</param>
    public void Publish(SweepSample sweep, in SourceStatistics statistics)
    {
        lock (_lock)
        {
            sweep.CopyTo(_published.Sweep);
            _published[SourceId.Sweep] = statistics;
        }
    }

    /// <summary>Publishes advice.</summary>
    /// <param name="advice">What the rules said.</param>
    /// <param name="statistics">How reading for it has fared.</param>
    public void Publish(Advice advice, in SourceStatistics statistics)
    {
        lock (_lock)
        {
            _published.Advice = advice;
            _published[SourceId.Advisor] = statistics;
        }
    }

    /// <summary>Takes a copy of what was published last.</summary>
    /// <param name="copy">The reader's own sample, overwritten.</param>
    public void CopyTo(HostSample copy)
    {
        lock (_lock)
        {
            _published.CopyTickTo(copy);
            _published.Sweep.CopyTo(copy.Sweep);
            copy[SourceId.Sweep] = _published[SourceId.Sweep];
            copy.Advice = _published.Advice;
            copy[SourceId.Advisor] = _published[SourceId.Advisor];
            copy.IsStale = !IsFresh(out copy.Age) && copy.Age is not null;
            for (var id = SourceId.Sockets; copy.IsStale && id <= SourceId.Sysctl; id++)
            {
                copy.Kernel[id] = copy.Kernel[id].IsOk ? ReadResult.Failed(SourceError.Stale) : copy.Kernel[id];
            }
        }
    }

    /// <summary>Takes a copy of what was published last, and of the minute before it.</summary>
    /// <param name="copy">The reader's own sample, overwritten.</param>
    /// <param name="recent">The reader's own past, overwritten.</param>
    public void CopyTo(HostSample copy, RecentPast recent)
    {
        lock (_lock)
        {
            CopyTo(copy);
            _recent.CopyTo(recent);
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
}
