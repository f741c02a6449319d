namespace TcpStatExporter.Sampling;

/// <summary>
/// When something is read that costs more than the rest of a tick: not at each tick, and the more it costs the more rarely, so
/// that it takes no more than a two-hundredth of a core.
/// </summary>
/// <param name="shortest">Shortest time between two readings; zero: at each tick, whatever it costs.</param>
/// <param name="time">The clock.</param>
/// <param name="cpu">CPU time that the calling thread has used.</param>
internal sealed class ReadingPace(TimeSpan shortest, TimeProvider time, Func<TimeSpan> cpu)
{
    /// <summary>In a daemon: a little less than five seconds, so that ticks a second apart read at each fifth.</summary>
    public static readonly TimeSpan OfDaemon = TimeSpan.FromSeconds(4.5);

    /// <summary>Time between two readings for each second of CPU that one takes.</summary>
    private const double TimeForCost = 200;

    private TimeSpan _pause;
    private TimeSpan _cost;
    private long? _readAt;

    /// <summary>Whether to read now.</summary>
    public bool IsDue => _readAt is not { } readAt || time.GetElapsedTime(readAt) >= _pause;

    /// <summary>Takes note that a reading begins.</summary>
    public void Begin()
    {
        _readAt = time.GetTimestamp();
        _cost = cpu();
    }

    /// <summary>Takes note that it has ended.</summary>
    /// <param name="succeeded">False: it is tried again at the next tick.</param>
    public void End(bool succeeded)
    {
        var forCost = (cpu() - _cost) * TimeForCost;
        _pause = shortest == TimeSpan.Zero || !succeeded ? TimeSpan.Zero : forCost > shortest ? forCost : shortest;
    }
}
