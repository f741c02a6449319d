namespace TcpStatExporter.Metrics;

/// <summary>One counter of the kernel, and the metric that exports it.</summary>
/// <param name="Group">Where the kernel prints it.</param>
/// <param name="KernelName">As the kernel spells it: <c>ListenDrops</c>.</param>
/// <param name="MetricName">Name of the sample: <c>tcpstat_tcpext_listen_drops_total</c>.</param>
/// <param name="IsGauge">Goes down too, or is a parameter. Its value is signed: MaxConn is −1 where there is no limit.</param>
/// <param name="IsCurated">Exported by default, rather than with all counters only.</param>
/// <param name="Help">
/// Begins with the kernel's spelling, as nstat(8) prints it (<c>TcpExtListenDrops: </c>), then says what is counted.
/// </param>
internal sealed record KernelCounter(
    KernelCounterGroup Group,
    string KernelName,
    string MetricName,
    bool IsGauge,
    bool IsCurated,
    string Help);
