namespace TcpStatExporter.View;

/// <summary>A number and its recent past. Unknown values are null, never 0.</summary>
/// <param name="Now">Value in the last sample.</param>
/// <param name="Peak">Maximum in the peak window.</param>
/// <param name="History">One value per point, oldest first, as many as in <see cref="HostView.HistoryTimes"/>.</param>
internal sealed record Trend(double? Now, double? Peak, IReadOnlyList<double?> History);
