namespace TcpStatExporter.View;

/// <summary>A figure and its recent past. What is not known is none, and never 0.</summary>
/// <param name="Now">As of the last sample.</param>
/// <param name="Peak">The largest in the peak window.</param>
/// <param name="History">A value a point, the oldest first; as many as <see cref="HostView.HistoryTimes"/>.</param>
internal sealed record Trend(double? Now, double? Peak, IReadOnlyList<double?> History);
