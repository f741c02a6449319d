namespace TcpStatExporter.Sampling;

/// <summary>A listener that closed within the last hour and is not back.</summary>
internal struct ClosedListener
{
    /// <summary>Its last row: its name and its total losses.</summary>
    public ListenerSample Last;

    /// <summary>Monotonic time of the last read that showed it.</summary>
    public TimeSpan LastSeen;

    /// <summary>Time of the first read without it, in Unix milliseconds.</summary>
    public long ClosedUnixMilliseconds;

    /// <summary>How long it was listening, while it was watched.</summary>
    public TimeSpan Listened;
}
