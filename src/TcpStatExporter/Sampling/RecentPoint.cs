using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>One point of the recent past: one second, or one tick if ticks are less frequent.</summary>
internal struct RecentPoint
{
    /// <summary>Monotonic time of its first tick.</summary>
    public TimeSpan At;

    /// <summary>Connections by state. Valid if <see cref="HasStates"/>.</summary>
    public TcpStateCounts States;

    /// <summary>
    /// Connections in CLOSE_WAIT that processes held, at the tick with the fewest. <see cref="long.MaxValue"/> if no tick
    /// counted them.
    /// </summary>
    public long LeastCloseWait;

    /// <summary>ListenDrops since boot. Valid if <see cref="HasListenDrops"/>.</summary>
    public ulong ListenDrops;

    /// <summary>Maximum fill ratio of the fullest listener. NaN if unknown.</summary>
    public double WorstFill;

    /// <summary>The sockets were read.</summary>
    public bool HasStates;

    /// <summary>The counter was read.</summary>
    public bool HasListenDrops;
}
