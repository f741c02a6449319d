namespace TcpStatExporter.Sampling;

/// <summary>
/// Decides when to read something that costs more than the rest of a tick. It is not read in each tick, and the more it
/// costs, the less often, so it takes at most 0.5 % of a core. The cheaper of the last two reads counts: the first one compiles
/// its code, and any read may be held up.
/// </summary>
/// <param name="shortest">Minimum time between two reads. Zero: in each tick, whatever it costs.</param>
/// <param name="time">The clock.</param>
/// <param name="cpu">Returns the CPU time used by the calling thread.</param>
internal sealed class ReadingPace(TimeSpan shortest, TimeProvider time, Func<TimeSpan> cpu)
{
    /// <summary>
    /// For a daemon: slightly less than five seconds, so with ticks one second apart it reads in every fifth tick.
    /// </summary>
    public static readonly TimeSpan OfDaemon = TimeSpan.FromSeconds(4.5);

    /// <summary>Time between two reads, per second of CPU time of a read.</summary>
    private const double TimeForCost = 200;

    private TimeSpan _pause;
    private TimeSpan _start;
    private TimeSpan _lastCost;
    private long? _readAt;

    /// <summary>True if it should be read now.</summary>
    public bool IsDue => _readAt is not { } readAt || time.GetElapsedTime(readAt) >= _pause;

    /// <summary>Records the start of a read.</summary>
    public void Begin()
    {
        _readAt = time.GetTimestamp();
        _start = cpu();
    }

    /// <summary>Records the end of a read.</summary>
    /// <param name="succeeded">False: retry in the next tick.</param>
    public void End(bool succeeded)
    {
        var cost = cpu() - _start;
        var forCost = (cost < _lastCost ? cost : _lastCost) * TimeForCost;
        _lastCost = cost;
        _pause = shortest == TimeSpan.Zero || !succeeded ? TimeSpan.Zero : forCost > shortest ? forCost : shortest;
    }
}
