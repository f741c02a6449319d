namespace TcpStatExporter.Metrics;

/// <summary>What kind of value the samples of a family are.</summary>
internal enum MetricType
{
    /// <summary>A total that only grows, until its process restarts. Its name ends with <c>_total</c>.</summary>
    Counter,

    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>Observations counted by size.</summary>
    Histogram,

    /// <summary>Labels that describe something, with the value 1. Its name ends with <c>_info</c>; a gauge on the page.</summary>
    Info,
}
