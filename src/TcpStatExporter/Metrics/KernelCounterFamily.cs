using TcpStatExporter.Counters;

namespace TcpStatExporter.Metrics;

/// <summary>The metric that exports a counter of the kernel.</summary>
internal static class KernelCounterFamily
{
    /// <summary>
    /// Its family. The help begins with the kernel's own spelling, as nstat(8) prints it. Two names that no version of
    /// ours has heard of may get the same: see <see cref="CounterName.ToSnakeCase"/>.
    /// </summary>
    /// <param name="counter">The counter.</param>
    public static MetricFamily Of(KernelCounter counter)
    {
        var group = "tcpstat_" + counter.Group.Name().ToLowerInvariant();
        var suffix = counter.IsGauge ? "" : "_total";
        return new MetricFamily(
            $"{group}_{CounterName.ToSnakeCase(counter.KernelName)}{suffix}",
            counter.IsGauge ? MetricType.Gauge : MetricType.Counter,
            $"{Printable(counter.Spelling)}: {counter.Meaning}");
    }

    /// <summary>A name never heard of is whatever stood in the file: bounded, and without what a page would have to escape.</summary>
    private static string Printable(string spelling) =>
        string.Concat(spelling.Take(CounterName.MaxLength).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
