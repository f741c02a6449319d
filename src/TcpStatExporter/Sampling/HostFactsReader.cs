using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Reads the facts of the host, once for all network namespaces, and no more often than they are worth: they hardly
/// change, and cost as much as a tick. Calls must not overlap.
/// </summary>
internal sealed class HostFactsReader : IDisposable
{
    /// <summary>Time between two readings in a daemon.</summary>
    public static readonly TimeSpan DaemonPace = TimeSpan.FromSeconds(10);

    private readonly GuardedSource _source;
    private readonly TimeSpan _pace;
    private readonly TimeProvider _time;
    private readonly TcpSnapshot _snapshot = new();
    private HostFacts _facts;
    private long? _readAt;

    /// <summary>Makes a reader that owns its source.</summary>
    /// <param name="source">Reads the machine.</param>
    /// <param name="pace">Shortest time between two readings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when the source fails, and when it is back.</param>
    public HostFactsReader(ISource source, TimeSpan pace, TimeProvider time, ILogger<HostFactsReader> logger)
    {
        _source = new GuardedSource(source, time, logger);
        _pace = pace;
        _time = time;
    }

    /// <summary>How the source has fared since the start.</summary>
    public ref readonly SourceStatistics Statistics => ref _source.Statistics;

    /// <summary>The facts as they were read last, which is now where it is time to.</summary>
    public ref readonly HostFacts Read()
    {
        if (_readAt is not { } readAt || _time.GetElapsedTime(readAt) >= _pace)
        {
            _source.Read(_snapshot);
            _facts.Status = _snapshot[_source.Id];
            _facts.Machine = _snapshot.Machine;
            _readAt = _time.GetTimestamp();
        }

        return ref _facts;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
