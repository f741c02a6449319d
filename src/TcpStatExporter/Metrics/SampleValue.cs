using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>Returns the value of one series from a sample.</summary>
/// <param name="sample">The sample.</param>
/// <param name="variant">Index of the series within the family.</param>
/// <returns>The value. Null if the series should not be on the page.</returns>
internal delegate double? SampleValue(NamespaceSample sample, int variant);
