namespace TcpStatExporter.Metrics;

/// <summary>The output format of a metrics page.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4, which every scraper can read.</summary>
    PrometheusText,

    /// <summary>OpenMetrics text format 1.0.</summary>
    OpenMetrics,
}
