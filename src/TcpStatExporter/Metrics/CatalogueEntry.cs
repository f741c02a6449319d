namespace TcpStatExporter.Metrics;

/// <summary>One metric family in the catalogue.</summary>
/// <param name="Family">Name, type, labels and HELP.</param>
/// <param name="Source">The source of its values. "exporter" and "process" for the daemon's own.</param>
internal sealed record CatalogueEntry(MetricFamily Family, string Source)
{
    /// <summary>Its labels as the documentation shows them.</summary>
    public string Labels { get; } = string.Join(", ", Family.Labels);
}
