namespace TcpStatExporter.Sampling;

/// <summary>The counters of a listener that has lost its place, so they continue when it gets one again.</summary>
/// <param name="Drops">Packets discarded.</param>
/// <param name="Lost">Requests and handshakes lost.</param>
/// <param name="FillRatios">How full it was.</param>
/// <param name="Openings">How often it was seen to open.</param>
/// <param name="CreatedUnixMilliseconds">When it was first seen.</param>
/// <param name="OpenedUnixMilliseconds">When it was first seen after its last absence.</param>
/// <param name="OpenedAt">The same as monotonic time.</param>
/// <param name="Waits">How long connections waited. Null if it was never seen in use.</param>
/// <param name="WasThere">It was open when it lost its place.</param>
/// <param name="LeftAt">Monotonic time at which it lost its place.</param>
internal readonly record struct ListenerTotals(
    ulong Drops,
    LossCounts Lost,
    Histogram FillRatios,
    ulong Openings,
    long CreatedUnixMilliseconds,
    long OpenedUnixMilliseconds,
    TimeSpan OpenedAt,
    QueueWaits? Waits,
    bool WasThere,
    TimeSpan LeftAt);
