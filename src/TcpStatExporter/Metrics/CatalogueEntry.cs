using TcpStatExporter.Exposition;

namespace TcpStatExporter.Metrics;

/// <summary>One family of the catalogue.</summary>
/// <param name="Family">Name, type, help and unit.</param>
/// <param name="Source">Source that it comes from; "exporter" and "process" for the daemon's own.</param>
/// <param name="Labels">Its labels, as the documentation shows them.</param>
internal sealed record CatalogueEntry(MetricFamily Family, string Source, string Labels);
