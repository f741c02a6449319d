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

    private readonly Guard<HostFacts> _machine;
    private readonly Guard<HostFacts> _softnet;
    private readonly TimeSpan _pace;
    private readonly TimeProvider _time;
    private readonly HostFacts _facts = new();
    private long? _readAt;

    /// <summary>Creates a reader that owns its sources.</summary>
    /// <param name="machine">Reads the machine.</param>
    /// <param name="softnet">Reads the processors' packet backlogs.</param>
    /// <param name="pace">Minimum time between two reads.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs when a source fails and when it is back.</param>
    public HostFactsReader(ISourceOf<HostFacts> machine, ISourceOf<HostFacts> softnet, TimeSpan pace, TimeProvider time, ILogger<HostFactsReader> logger)
    {
        _machine = new Guard<HostFacts>(machine, time, logger);
        _softnet = new Guard<HostFacts>(softnet, time, logger);
        _pace = pace;
        _time = time;
    }

    /// <summary>Returns the facts, and reads them first if it is time.</summary>
    public HostFacts Read()
    {
        if (_readAt is not { } readAt || _time.GetElapsedTime(readAt) >= _pace)
        {
            Read(_machine, HostSourceId.Machine);
            Read(_softnet, HostSourceId.Softnet);
            _readAt = _time.GetTimestamp();
        }

        return _facts;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _machine.Dispose();
        _softnet.Dispose();
    }

    private void Read(Guard<HostFacts> source, HostSourceId id)
    {
        _facts.Status(id) = source.ReadInto(_facts);
        _facts[id] = source.Statistics;
    }
}
