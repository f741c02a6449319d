using TcpStatExporter.Advisor;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>A network namespace with series.</summary>
/// <param name="Name">Value of the label <c>netns</c>. Empty for the host's own namespace, whose series have no such label.</param>
/// <param name="Samples">Where its samples are published.</param>
/// <param name="Advice">Where its advice is published.</param>
internal readonly record struct PublishedNamespace(string Name, SampleStore Samples, AdviceStore Advice);
