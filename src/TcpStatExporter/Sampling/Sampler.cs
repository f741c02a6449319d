using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// One tick: reads the sources into a snapshot, updates the accumulators and publishes both. It does not know about threads
/// or schedules. Calls must not overlap.
/// </summary>
internal sealed class Sampler : IDisposable
{
    private const string Overflows = "ListenOverflows";
    private const string Drops = "ListenDrops";
    private const string SynQueueDrops = "TCPReqQFullDrop";

    private readonly GuardedSource[] _sources;
    private readonly GuardedSource _listenerSource;
    private readonly GuardedSource _netstatSource;
    private readonly ListenerTable _listeners;
    private readonly SocketStates _states;
    private readonly UdpTable? _udp;
    private readonly IQueueWatch? _waits;
    private readonly UnixTable? _unix;
    private readonly HostFactsReader? _host;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly Func<TimeSpan> _clock;
    private readonly CancellationToken _stopping;
    private readonly NamespaceSample _working = new();
    private TimeSpan _countedAt;

    /// <summary>Creates a sampler that owns its sources.</summary>
    /// <param name="sources">The sources, read in this order, except listeners and netstat, which come last. Both must be included.</param>
    /// <param name="listeners">What is remembered about listeners.</param>
    /// <param name="stuck">What is remembered about connections that wait for somebody.</param>
    /// <param name="host">Reads the facts of the host. Not owned by the sampler. Null if they are unknown.</param>
    /// <param name="peakWindow">Window of the peaks.</param>
    /// <param name="store">Where to publish.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs when a source fails and when it is back.</param>
    /// <param name="udp">What is remembered about UDP sockets. Null if they are not read.</param>
    /// <param name="waits">Measures how long connections wait to be accepted. Owned by the sampler. Null if no source reports it.</param>
    /// <param name="unix">What is remembered about AF_UNIX listeners. Null if they are not read.</param>
    /// <param name="stopping">Stops the sources early. A tick that was stopped is not published.</param>
    public Sampler(
        IEnumerable<ISource> sources,
        ListenerTable listeners,
        StuckTable stuck,
        HostFactsReader? host,
        TimeSpan peakWindow,
        SampleStore store,
        TimeProvider time,
        ILogger<Sampler> logger,
        UdpTable? udp = null,
        IQueueWatch? waits = null,
        UnixTable? unix = null,
        CancellationToken stopping = default)
    {
        var guarded = sources.Select(source => new GuardedSource(source, time, logger)).ToArray();
        _sources = [.. guarded.Where(source => source.Id is not (SourceId.Listeners or SourceId.Netstat))];
        _listenerSource = guarded.Single(source => source.Id == SourceId.Listeners);
        _netstatSource = guarded.Single(source => source.Id == SourceId.Netstat);
        _listeners = listeners;
        _states = new SocketStates(peakWindow, stuck);
        _udp = udp;
        _waits = waits;
        _unix = unix;
        _host = host;
        _store = store;
        _time = time;
        _clock = () => Now;
        _stopping = stopping;
        _working.PeakWindow = peakWindow;
        _working.StartUnixMilliseconds = UnixMilliseconds();

        // a page requested before the first tick knows the window, the start and the sources
        Publish(goodTimestamp: null);
    }

    /// <summary>Monotonic time of ticks and peaks.</summary>
    public TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>Connections are waiting to be accepted, or were a moment ago, so <see cref="LookAtQueues"/> is useful.</summary>
    public bool HasQueues => _waits?.IsActive(Now) == true;

    /// <summary>
    /// Measures how long connections have been waiting to be accepted. The next tick publishes it. Runs at times that are
    /// independent of the ticks: otherwise a server that pauses once a second would always be seen in its pause, or never.
    /// </summary>
    public void LookAtQueues() => _waits?.Look(_listeners, _clock);

    /// <summary>Runs a whole tick.</summary>
    /// <param name="missed">Number of ticks skipped before it.</param>
    /// <returns>True if at least one source was read and the sample was published.</returns>
    public bool Sample(long missed = 0)
    {
        var good = false;
        foreach (var source in _sources)
        {
            good |= source.Read(_working.Kernel);
        }

        _host?.Read().CopyTo(_working.Host);
        _working.Host.Sockets = _working.Kernel[SourceId.Sockstat].IsOk ? _working.Kernel.HostSockets : null;
        foreach (var name in SysctlExtensions.HostWide)
        {
            _working.Host.Parameter(name) = _working.Kernel.Sysctls[name];
        }

        good |= ReadListeners();
        if (_stopping.IsCancellationRequested)
        {
            return false;
        }

        var now = Now;
        var isCounted = _states.Observe(_working, _listeners, now);
        if (_udp is not null && _working.Kernel[SourceId.Udp].IsOk && _working.Kernel.AreUdpSocketsNew)
        {
            _udp.Observe(_working.Kernel.UdpSockets.Span, _working.Kernel.Sysctls);
            _udp.CopyTo(_working.UdpReceivers);
            _working.UdpDrops = _udp.Drops;
        }

        if (_unix is not null && _working.Kernel[SourceId.Unix].IsOk && _working.Kernel.AreUnixListenersNew)
        {
            _unix.Observe(now);
            _unix.CopyTo(_working.UnixListeners);
            _working.UnixListenersNotExported = _unix.NotExported;
        }

        _working.Samples++;
        _working.SamplesMissed += (ulong)missed;
        _working.SampledAt = Now;
        _countedAt = isCounted ? _working.SampledAt : _countedAt;
        _working.StatesAge = _working.SampledAt - _countedAt;
        _working.LastSampleUnixMilliseconds = UnixMilliseconds();
        Publish(good ? _time.GetTimestamp() : null);
        return good;
    }

    /// <summary>Reads only the listeners, between two ticks.</summary>
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
        _waits?.Dispose();
        _listenerSource.Dispose();
        _netstatSource.Dispose();
        foreach (var source in _sources)
        {
            source.Dispose();
        }
    }

    /// <summary>
    /// Reads the listeners and right after them the loss counters, which by then include whatever a listener discarded. If
    /// the counters have changed since the last read, both are read again. Losses that are counted then but that no listener
    /// shows came in between. They are at most the increase of the counters from one read to the other.
    /// </summary>
    /// <returns>True if either could be read.</returns>
    private bool ReadListeners()
    {
        var wasCounted = _working.Kernel[SourceId.Netstat].IsOk;
        var (overflows, drops) = LossCounters(_working.Kernel.Netstat);
        var good = _listenerSource.Read(_working.Kernel);
        var isCounted = _netstatSource.Read(_working.Kernel);
        if (wasCounted && good && isCounted && LossCounters(_working.Kernel.Netstat) != (overflows, drops))
        {
            (overflows, drops) = LossCounters(_working.Kernel.Netstat);
            good = _listenerSource.Read(_working.Kernel);
            isCounted = _netstatSource.Read(_working.Kernel);
        }

        if (!good || _stopping.IsCancellationRequested)
        {
            return isCounted && !_stopping.IsCancellationRequested;
        }

        _working.ListenersAt = Now;
        var evidence = isCounted ? Evidence(overflows, drops) : default;
        _listeners.Observe(_working.Kernel.Listeners.Span, _working.ListenersAt, UnixMilliseconds(), evidence);
        _waits?.Sampled(_listeners, _working.ListenersAt);
        _working.ListenersNotExported = _listeners.NotKept;
        _working.Unattributed = _listeners.Unattributed;
        return true;
    }

    private static (ulong Overflows, ulong Drops) LossCounters(CounterTable netstat) =>
        (TryRead(netstat, Overflows, out var overflows) ? overflows : 0, TryRead(netstat, Drops, out var drops) ? drops : 0);

    private LossEvidence Evidence(ulong overflowsBefore, ulong dropsBefore)
    {
        var now = _working.Kernel.Netstat;
        if (!TryRead(now, Overflows, out var overflows) || !TryRead(now, Drops, out var drops))
        {
            return default;
        }

        _ = TryRead(now, SynQueueDrops, out var synQueueDrops);
        var sysctls = _working.Kernel.Sysctls;
        var hasSysctls = _working.Kernel[SourceId.Sysctl].IsOk;
        return new LossEvidence
        {
            IsKnown = true,
            Overflows = overflows,
            Drops = drops,
            SynQueueDrops = synQueueDrops,
            MovedOverflows = overflows - Math.Min(overflows, overflowsBefore),
            MovedDrops = drops - Math.Min(drops, dropsBefore),
            AreCookiesOff = hasSysctls && sysctls[Sysctl.TcpSyncookies] is { Count: > 0, First: 0 },
            MaxSynBacklog = hasSysctls && sysctls[Sysctl.TcpMaxSynBacklog] is { Count: > 0 } backlog ? backlog.First : 0,
            SynQueues = _working.Kernel[SourceId.Sockets].IsOk && !_working.Kernel.AreStatesOld ? _working.Kernel.SynQueues.Span : [],
        };
    }

    private static bool TryRead(CounterTable table, string name, out ulong value)
    {
        var index = table.IndexOf(name);
        value = index >= 0 ? table.Values[index] : 0;
        return index >= 0;
    }

    private void Publish(long? goodTimestamp)
    {
        foreach (var source in _sources)
        {
            _working[source.Id] = source.Statistics;
        }

        _working[SourceId.Listeners] = _listenerSource.Statistics;
        _working[SourceId.Netstat] = _netstatSource.Statistics;
        _listeners.CopyTo(_working.Listeners, _waits is null ? null : _working.Waits);
        _listeners.CopyRowsTo(_working.ListenerRows);
        _listeners.CopyClosedTo(_working.Closed);
        _store.Publish(_working, goodTimestamp);
    }

    private long UnixMilliseconds() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
