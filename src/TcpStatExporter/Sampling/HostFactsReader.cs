using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Reads the facts of the host, once for all network namespaces, and rarely: they hardly change, and cost as much as a tick.
/// Calls must not overlap.
/// </summary>
internal sealed class HostFactsReader : IDisposable
{
    /// <summary>Time between two reads in a daemon.</summary>
    public static readonly TimeSpan DaemonPace = TimeSpan.FromSeconds(10);

    private readonly GuardedSource _machine;
    private readonly GuardedSource _softnet;
    private readonly TimeSpan _pace;
    private readonly TimeProvider _time;
    private readonly TcpSnapshot _snapshot = new();
    private HostFacts _facts;
    private long? _readAt;

    /// <summary>Creates a reader that owns its sources.</summary>
    /// <param name="machine">Reads the machine.</param>
    /// <param name="softnet">Reads the processors' packet backlogs.</param>
    /// <param name="pace">Minimum time between two reads.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs when a source fails and when it is back.</param>
    public HostFactsReader(ISource machine, ISource softnet, TimeSpan pace, TimeProvider time, ILogger<HostFactsReader> logger)
    {
        _machine = new GuardedSource(machine, time, logger);
        _softnet = new GuardedSource(softnet, time, logger);
        _pace = pace;
        _time = time;
    }

    /// <summary>Statistics about reading the machine since the start.</summary>
    public ref readonly SourceStatistics Statistics => ref _machine.Statistics;

    /// <summary>Statistics about reading the processors' packet backlogs since the start.</summary>
    public ref readonly SourceStatistics SoftnetStatistics => ref _softnet.Statistics;

    /// <summary>Returns the facts, and reads them first if it is time.</summary>
    public ref readonly HostFacts Read()
    {
        if (_readAt is not { } readAt || _time.GetElapsedTime(readAt) >= _pace)
        {
            _machine.Read(_snapshot);
            _softnet.Read(_snapshot);
            _facts.Status = _snapshot[_machine.Id];
            _facts.SoftnetStatus = _snapshot[_softnet.Id];
            _facts.Machine = _snapshot.Machine;
            _readAt = _time.GetTimestamp();
        }

        return ref _facts;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _machine.Dispose();
        _softnet.Dispose();
    }
}
