namespace TcpStatExporter.Metrics;

/// <summary>One family of the catalogue.</summary>
/// <param name="Family">Name, type, labels and help.</param>
/// <param name="Source">Source that it comes from; "exporter" and "process" for the daemon's own.</param>
internal sealed record CatalogueEntry(MetricFamily Family, string Source)
{
    /// <summary>Its labels, as the documentation shows them.</summary>
    public string Labels { get; } = string.Join(", ", Family.Labels);
}
