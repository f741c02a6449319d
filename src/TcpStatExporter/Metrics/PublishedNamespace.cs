using TcpStatExporter.Advisor;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>A network namespace with series.</summary>
/// <param name="Name">Value of the label <c>netns</c>. Empty for the host's own namespace, whose series have no such label.</param>
/// <param name="Samples">Where its samples are published.</param>
/// <param name="Advice">Where advice on it is published.</param>
/// <param name="Watched">What it belongs to, if it was found; null for the host's own, and those that were asked for by name.</param>
internal readonly record struct PublishedNamespace(string Name, SampleStore Samples, AdviceStore Advice, WatchedNetns? Watched = null);
