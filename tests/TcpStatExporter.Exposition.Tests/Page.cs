using System.Text;

namespace TcpStatExporter.Exposition.Tests;

/// <summary>Pages for tests.</summary>
internal static class Page
{
    public static readonly ExpositionFormat[] Formats = Enum.GetValues<ExpositionFormat>();

    public static readonly DateTimeOffset Created = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_125);

    private static readonly MetricFamily Connections =
        new("tcpstat_connections", MetricType.Gauge, "Sockets in this state.");

    private static readonly MetricFamily Drops =
        new("tcpstat_listen_drops_total", MetricType.Counter, "Connections dropped at this \"listener\".\nSee C:\\ss(8).");

    private static readonly MetricFamily CpuTime =
        new("process_cpu_seconds_total", MetricType.Counter, "CPU time used.", "seconds");

    private static readonly MetricFamily Fill =
        new("tcpstat_listen_queue_fill_ratio", MetricType.Histogram, "Length by limit.", "ratio");

    private static readonly MetricFamily Source =
        new("tcpstat_source_info", MetricType.Info, "How a source is read.");

    private static readonly MetricFamily Odd =
        new("tcpstat_odd", MetricType.Gauge, "Nobody knows.");

    private static readonly MetricFamily Silent =
        new("tcpstat_silent", MetricType.Gauge, "Never has a sample.");

    private static readonly BucketBounds FillBounds = new(0, 0.25, 0.5, 0.75, 0.9, 1);

    private static readonly ulong[] FillCounts = [3, 0, 2, 0, 0, 1, 4];

    private static readonly LabelSet Established = LabelSet.Empty.With("state", "established");
    private static readonly LabelSet Listen = LabelSet.Empty.With("state", "listen");
    private static readonly LabelSet Netlink = LabelSet.Empty.With("source", "sockets").With("method", "netlink");

    /// <summary>A page written by <paramref name="write"/>, as text.</summary>
    public static string Write(ExpositionFormat format, Action<ExpositionWriter> write)
    {
        var buffer = new ExpositionBuffer();
        var writer = new ExpositionWriter(buffer);
        writer.Begin(format);
        write(writer);
        writer.End();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static LabelSet Listener(string address, int port) =>
        LabelSet.Empty.With("address", address).With("port", port.ToString()).With("unit", "nginx.service");

    /// <summary>A page that has everything: each type, both kinds of labels, a family without samples.</summary>
    public static void WriteSample(ExpositionWriter writer, params ReadOnlySpan<LabelSet> listeners)
    {
        writer.Family(Connections);
        writer.Sample(Established, 12);
        writer.Sample(Listen, 0);

        writer.Family(Silent);

        writer.Family(Drops);
        foreach (var listener in listeners)
        {
            writer.Sample(listener, ulong.MaxValue);
            writer.Created(listener, Created);
        }

        writer.Family(CpuTime);
        writer.Sample(1.5);

        writer.Family(Fill);
        foreach (var listener in listeners)
        {
            writer.Histogram(listener, FillBounds, FillCounts, 6.25);
            writer.Created(listener, Created);
        }

        writer.Family(Source);
        writer.Sample(Netlink, 1);

        writer.Family(Odd);
        foreach (var listener in listeners)
        {
            writer.Sample(listener, Established, double.NaN);
        }
    }
}
