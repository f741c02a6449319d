namespace TcpStatExporter.Metrics;

/// <summary>A format in which a page of metrics is written.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4, which every scraper reads.</summary>
    PrometheusText,

    /// <summary>OpenMetrics text format 1.0.</summary>
    OpenMetrics,
}
