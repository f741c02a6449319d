using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>A sweep: reads all sockets, for what no cheaper way shows. Calls must not overlap.</summary>
internal sealed class Sweeper : IDisposable
{
    private readonly GuardedSource _source;
    private readonly SweepTally _tally;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly TcpSnapshot _snapshot = new();
    private readonly SweepSample _working = new();

    /// <summary>Creates a sweeper that owns its source.</summary>
    /// <param name="source">Reads every socket into <paramref name="tally"/>.</param>
    /// <param name="tally">The tally that the source fills.</param>
    /// <param name="store">Provides the listeners, and receives the result.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs when the source fails and when it is back.</param>
    /// <param name="stopping">Stops a sweep early. Its result is not published.</param>
    public Sweeper(ISource source, SweepTally tally, SampleStore store, TimeProvider time, ILogger<Sweeper> logger, CancellationToken stopping = default)
    {
        _source = new GuardedSource(source, time, logger);
        _tally = tally;
        _store = store;
        _time = time;
        _stopping = stopping;
    }

    /// <summary>Reads all sockets and publishes the result.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan Sweep()
    {
        var start = ThreadCpuClock.Now();
        using var lease = _store.Take();
        var sample = lease.Sample;
        var range = sample.Status(SourceId.Sysctl).IsOk ? sample.Kernel.Sysctls[Sysctl.IpLocalPortRange] : default;
        var finTimeout = sample.Status(SourceId.Sysctl).IsOk && sample.Kernel.Sysctls[Sysctl.TcpFinTimeout].Count == 1 ? sample.Kernel.Sysctls[Sysctl.TcpFinTimeout].First : (long?)null;
        _tally.Begin(sample.Listeners.Span, sample.Kernel.Listeners.Span, sample.ListenerRows.Span, range, _time.GetElapsedTime(0), finTimeout);
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
