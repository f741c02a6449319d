using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>One sweep: a look at every socket, for what no cheaper way tells. Calls must not overlap.</summary>
internal sealed class Sweeper : IDisposable
{
    private readonly GuardedSource _source;
    private readonly SweepTally _tally;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly TcpSnapshot _snapshot = new();
    private readonly SweepSample _working = new();

    /// <summary>Makes a sweeper that owns its source.</summary>
    /// <param name="source">Reads every socket into <paramref name="tally"/>.</param>
    /// <param name="tally">What the source fills.</param>
    /// <param name="store">Where the listeners are taken from, and the outcome is published.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told when the source fails, and when it is back.</param>
    /// <param name="stopping">Ends a sweep before its time: one that met it is not published.</param>
    public Sweeper(ISource source, SweepTally tally, SampleStore store, TimeProvider time, ILogger<Sweeper> logger, CancellationToken stopping = default)
    {
        _source = new GuardedSource(source, time, logger);
        _tally = tally;
        _store = store;
        _time = time;
        _stopping = stopping;
    }

    /// <summary>Looks at every socket and publishes what it found.</summary>
    /// <returns>CPU time that it took.</returns>
    public TimeSpan Sweep()
    {
        var start = ThreadCpuClock.Now();
        using var lease = _store.Take();
        var sample = lease.Sample;
        var range = sample.Status(SourceId.Sysctl).IsOk ? sample.Kernel.Sysctls[Sysctl.IpLocalPortRange] : default;
        _tally.Begin(sample.Listeners.Span, sample.Kernel.Listeners.Span, sample.ListenerRows.Span, range);
        var isRead = _source.Read(_snapshot);
        if (!_stopping.IsCancellationRequested)
        {
            Publish(isRead, sample.Kernel.Sysctls);
        }

        return ThreadCpuClock.Now() - start;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Publish(bool isRead, SysctlTable sysctls)
    {
        if (isRead)
        {
            _tally.End(sysctls, _working);
            _working.UnixMilliseconds = _time.GetUtcNow().ToUnixTimeMilliseconds();
        }

        _working.Status = _snapshot[SourceId.Sweep];
        _store.Publish(_working, _source.Statistics);
    }
}
