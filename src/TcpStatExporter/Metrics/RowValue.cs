using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>Returns the value of one series from a row of a sample.</summary>
/// <param name="sample">The sample.</param>
/// <param name="row">The row.</param>
/// <param name="variant">Index of the series within the row's subject.</param>
/// <typeparam name="TRow">The type of a row.</typeparam>
/// <returns>The value. Null if the series should not be on the page.</returns>
internal delegate double? RowValue<TRow>(NamespaceSample sample, in TRow row, int variant)
    where TRow : struct;
