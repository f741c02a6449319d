namespace TcpStatExporter.Sampling;

/// <summary>A listener that was there within the last hour and does not listen now.</summary>
internal struct ClosedListener
{
    /// <summary>As it was at the last look that saw it: its name, and what it lost in all.</summary>
    public ListenerSample Last;

    /// <summary>Monotonic time of the last look that saw it.</summary>
    public TimeSpan LastSeen;

    /// <summary>When the first look without it was made, Unix time in milliseconds.</summary>
    public long ClosedUnixMilliseconds;

    /// <summary>How long it had listened, as far as it was watched.</summary>
    public TimeSpan Listened;
}
