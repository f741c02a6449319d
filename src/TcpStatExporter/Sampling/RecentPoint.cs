using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>One point of the recent past: what a second, or a tick where ticks are rarer, came to.</summary>
internal struct RecentPoint
{
    /// <summary>Monotonic time of the tick that began it.</summary>
    public TimeSpan At;

    /// <summary>Connections by state; valid if <see cref="HasStates"/>.</summary>
    public TcpStateCounts States;

    /// <summary>Connections in CLOSE_WAIT that processes held, at the tick where they were fewest; <see cref="long.MaxValue"/> where no tick counted them.</summary>
    public long LeastCloseWait;

    /// <summary>ListenDrops, since boot; valid if <see cref="HasListenDrops"/>.</summary>
    public ulong ListenDrops;

    /// <summary>Fill ratio of the fullest listener, at its fullest; NaN where it is not known.</summary>
    public double WorstFill;

    /// <summary>The sockets were read.</summary>
    public bool HasStates;

    /// <summary>The counter was read.</summary>
    public bool HasListenDrops;
}
