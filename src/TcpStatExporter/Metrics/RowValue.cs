using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>The value of one series, from a row of a sample.</summary>
/// <param name="sample">The sample.</param>
/// <param name="row">The row.</param>
/// <param name="variant">Which series of the row.</param>
/// <typeparam name="TRow">What a row is.</typeparam>
/// <returns>The value; null where the series is not to be on the page.</returns>
internal delegate double? RowValue<TRow>(NamespaceSample sample, in TRow row, int variant)
    where TRow : struct;
