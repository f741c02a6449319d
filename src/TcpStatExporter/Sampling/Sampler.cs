using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// One tick: reads the sources into a snapshot, takes it into the accumulators and publishes both. It knows nothing of
/// threads or of when it is called; calls must not overlap.
/// </summary>
internal sealed class Sampler : IDisposable
{
    private static readonly TcpState[] States =
        [TcpState.None, .. Enum.GetValues<TcpState>().Where(s => s is > TcpState.None and <= TcpState.Closing)];

    private readonly GuardedSource[] _sources;
    private readonly GuardedSource _listenerSource;
    private readonly ListenerTable _listeners;
    private readonly StuckTable _stuck;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly PeakWindow[] _statePeaks;
    private readonly CancellationToken _stopping;
    private readonly HostSample _working = new();

    /// <summary>Makes a sampler that owns its sources.</summary>
    /// <param name="sources">What to read, in this order; one of them is the source listeners.</param>
    /// <param name="listeners">What is remembered of listeners.</param>
    /// <param name="stuck">What is remembered of connections that wait for somebody.</param>
    /// <param name="peakWindow">Window of the peaks.</param>
    /// <param name="store">Where to publish.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told when a source fails, and when it is back.</param>
    /// <param name="stopping">Ends what the sources read before its time: a tick that met it is not published.</param>
    public Sampler(
        IEnumerable<ISource> sources,
        ListenerTable listeners,
        StuckTable stuck,
        TimeSpan peakWindow,
        SampleStore store,
        TimeProvider time,
        ILogger<Sampler> logger,
        CancellationToken stopping = default)
    {
        var guarded = sources.Select(source => new GuardedSource(source, time, logger)).ToArray();
        _sources = [.. guarded.Where(source => source.Id != SourceId.Listeners)];
        _listenerSource = guarded.Single(source => source.Id == SourceId.Listeners);
        _listeners = listeners;
        _stuck = stuck;
        _store = store;
        _time = time;
        _stopping = stopping;
        _statePeaks = [.. States.Select(_ => new PeakWindow(peakWindow))];
        _working.PeakWindow = peakWindow;
        _working.StartUnixMilliseconds = UnixMilliseconds();

        // a page asked for before the first tick knows the window, the start and the sources
        Publish(goodTimestamp: null);
    }

    /// <summary>Monotonic time, on which ticks and peaks run.</summary>
    public TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>Runs a whole tick.</summary>
    /// <param name="missed">Ticks that were skipped before it.</param>
    /// <returns>True if at least one source was read, and the sample published.</returns>
    public bool Sample(long missed = 0)
    {
        var good = false;
        foreach (var source in _sources)
        {
            good |= source.Read(_working.Kernel);
        }

        good |= ReadListeners();
        if (_stopping.IsCancellationRequested)
        {
            return false;
        }

        var now = Now;
        ObserveStates(now);
        if (_working.Kernel[SourceId.Sockets].IsOk)
        {
            _listeners.ObserveSynQueues(_working.Kernel.SynQueues.Span, now);
        }

        _stuck.Observe(_working, now);
        _working.Samples++;
        _working.SamplesMissed += (ulong)missed;
        _working.SampledAt = Now;
        _working.LastSampleUnixMilliseconds = UnixMilliseconds();
        Publish(good ? _time.GetTimestamp() : null);
        return good;
    }

    /// <summary>Reads the listeners alone, between two ticks.</summary>
    public void SampleListeners()
    {
        ReadListeners();
        if (!_stopping.IsCancellationRequested)
        {
            Publish(goodTimestamp: null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listenerSource.Dispose();
        foreach (var source in _sources)
        {
            source.Dispose();
        }
    }

    private bool ReadListeners()
    {
        if (!_listenerSource.Read(_working.Kernel) || _stopping.IsCancellationRequested)
        {
            return false;
        }

        _working.ListenersAt = Now;
        _listeners.Observe(_working.Kernel.Listeners.Span, _working.ListenersAt, UnixMilliseconds());
        _working.ListenersNotExported = _listeners.NotKept;
        return true;
    }

    private void ObserveStates(TimeSpan now)
    {
        if (!_working.Kernel[SourceId.Sockets].IsOk)
        {
            return;
        }

        _working.HasUnknownState |= _working.Kernel.States.Unknown > 0;
        for (var i = 0; i < States.Length; i++)
        {
            _statePeaks[i].Observe(now, _working.Kernel.States[States[i]]);
            _working.StatePeaks[States[i]] = (long)_statePeaks[i].Peak;
        }
    }

    private void Publish(long? goodTimestamp)
    {
        foreach (var source in _sources)
        {
            _working[source.Id] = source.Statistics;
        }

        _working[SourceId.Listeners] = _listenerSource.Statistics;
        _listeners.CopyTo(_working.Listeners);
        _store.Publish(_working, goodTimestamp);
    }

    private long UnixMilliseconds() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
