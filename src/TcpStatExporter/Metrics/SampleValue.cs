using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>The value of one series, from a sample.</summary>
/// <param name="sample">The sample.</param>
/// <param name="variant">Which series of the family.</param>
/// <returns>The value; null where the series is not to be on the page.</returns>
internal delegate double? SampleValue(NamespaceSample sample, int variant);
