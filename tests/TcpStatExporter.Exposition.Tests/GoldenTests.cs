using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class GoldenTests
{
    [Fact]
    public void Text() => Sample(ExpositionFormat.PrometheusText).ShouldBe(
        """
        # HELP tcpstat_connections Sockets in this state.
        # TYPE tcpstat_connections gauge
        tcpstat_connections{state="established"} 12
        tcpstat_connections{state="listen"} 0
        # HELP tcpstat_listen_drops_total Connections dropped at this "listener".\nSee C:\\ss(8).
        # TYPE tcpstat_listen_drops_total counter
        tcpstat_listen_drops_total{address="0.0.0.0",port="80",unit="nginx.service"} 18446744073709551615
        # HELP process_cpu_seconds_total CPU time used.
        # TYPE process_cpu_seconds_total counter
        process_cpu_seconds_total 1.5
        # HELP tcpstat_listen_queue_fill_ratio Length by limit.
        # TYPE tcpstat_listen_queue_fill_ratio histogram
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0"} 3
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.25"} 3
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.5"} 5
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.75"} 5
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.9"} 5
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="1"} 6
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="+Inf"} 10
        tcpstat_listen_queue_fill_ratio_sum{address="0.0.0.0",port="80",unit="nginx.service"} 6.25
        tcpstat_listen_queue_fill_ratio_count{address="0.0.0.0",port="80",unit="nginx.service"} 10
        # HELP tcpstat_source_info How a source is read.
        # TYPE tcpstat_source_info gauge
        tcpstat_source_info{source="sockets",method="netlink"} 1
        # HELP tcpstat_odd Nobody knows.
        # TYPE tcpstat_odd gauge
        tcpstat_odd{address="0.0.0.0",port="80",unit="nginx.service",state="established"} NaN

        """);

    [Fact]
    public void OpenMetrics() => Sample(ExpositionFormat.OpenMetrics).ShouldBe(
        """
        # HELP tcpstat_connections Sockets in this state.
        # TYPE tcpstat_connections gauge
        tcpstat_connections{state="established"} 12
        tcpstat_connections{state="listen"} 0
        # HELP tcpstat_listen_drops Connections dropped at this \"listener\".\nSee C:\\ss(8).
        # TYPE tcpstat_listen_drops counter
        tcpstat_listen_drops_total{address="0.0.0.0",port="80",unit="nginx.service"} 18446744073709551615
        tcpstat_listen_drops_created{address="0.0.0.0",port="80",unit="nginx.service"} 1700000000.125
        # HELP process_cpu_seconds CPU time used.
        # TYPE process_cpu_seconds counter
        # UNIT process_cpu_seconds seconds
        process_cpu_seconds_total 1.5
        # HELP tcpstat_listen_queue_fill_ratio Length by limit.
        # TYPE tcpstat_listen_queue_fill_ratio histogram
        # UNIT tcpstat_listen_queue_fill_ratio ratio
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.0"} 3
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.25"} 3
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.5"} 5
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.75"} 5
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="0.9"} 5
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="1.0"} 6
        tcpstat_listen_queue_fill_ratio_bucket{address="0.0.0.0",port="80",unit="nginx.service",le="+Inf"} 10
        tcpstat_listen_queue_fill_ratio_sum{address="0.0.0.0",port="80",unit="nginx.service"} 6.25
        tcpstat_listen_queue_fill_ratio_count{address="0.0.0.0",port="80",unit="nginx.service"} 10
        tcpstat_listen_queue_fill_ratio_created{address="0.0.0.0",port="80",unit="nginx.service"} 1700000000.125
        # HELP tcpstat_source How a source is read.
        # TYPE tcpstat_source info
        tcpstat_source_info{source="sockets",method="netlink"} 1
        # HELP tcpstat_odd Nobody knows.
        # TYPE tcpstat_odd gauge
        tcpstat_odd{address="0.0.0.0",port="80",unit="nginx.service",state="established"} NaN
        # EOF

        """);

    private static string Sample(ExpositionFormat format) =>
        Page.Write(format, writer => Page.WriteSample(writer, Page.Listener("0.0.0.0", 80)));
}
