using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Metrics;

/// <summary>The network namespaces that were found, for a page.</summary>
/// <param name="Published">Those that have series of their own now.</param>
/// <param name="Totals">All together.</param>
internal sealed record OtherNamespaces(Func<IReadOnlyList<PublishedNamespace>> Published, Func<NetnsTotals> Totals);
