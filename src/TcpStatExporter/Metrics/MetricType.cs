namespace TcpStatExporter.Metrics;

/// <summary>The type of a family's samples.</summary>
internal enum MetricType
{
    /// <summary>A total that only increases, until its process restarts. Its name ends with <c>_total</c>.</summary>
    Counter,

    /// <summary>A value that can increase and decrease.</summary>
    Gauge,

    /// <summary>Observations counted by size.</summary>
    Histogram,

    /// <summary>Labels that describe something, with the value 1. Its name ends with <c>_info</c>. A gauge on the page.</summary>
    Info,
}
