using TcpStatExporter.Counters;

namespace TcpStatExporter.Metrics;

/// <summary>The metric for a kernel counter.</summary>
internal static class KernelCounterFamily
{
    /// <summary>
    /// Returns its family. The HELP begins with the kernel's name as nstat(8) prints it. Two names unknown to this version
    /// may map to the same metric: see <see cref="CounterName.ToSnakeCase"/>.
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

    /// <summary>
    /// Cleans an unknown name, which can be anything in the file: limits its length and removes what would need escaping on a
    /// page.
    /// </summary>
    private static string Printable(string spelling) =>
        string.Concat(spelling.Take(CounterName.MaxLength).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
