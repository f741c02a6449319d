using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>Writes the counters of one group, in the kernel's order. Which of them, and under what name, is worked out when the names of a table differ from those of the last one.</summary>
/// <param name="group">Where the kernel prints them.</param>
/// <param name="all">Every counter, not the curated ones alone.</param>
internal sealed class KernelCounterSeries(KernelCounterGroup group, bool all)
{
    private (int Index, MetricFamily Family)[] _series = [];
    private string[] _names = [];

    /// <summary>Writes a family for each counter.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="table">The kernel's table.</param>
    public void Write(ExpositionWriter writer, CounterTable table)
    {
        // tables of one kernel share the strings, so this compares references
        if (!table.Names.SequenceEqual(_names))
        {
            _names = table.Names.ToArray();
            _series = [.. Choose(_names)];
        }

        foreach (var (index, family) in _series)
        {
            writer.Family(family);
            if (family.Type == MetricType.Gauge)
            {
                // a parameter may be signed: MaxConn is -1 where there is no limit
                writer.Sample(unchecked((long)table.Values[index]));
            }
            else
            {
                writer.Sample(table.Values[index]);
            }
        }
    }

    private List<(int Index, MetricFamily Family)> Choose(ReadOnlySpan<string> names)
    {
        var series = new List<(int, MetricFamily)>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            var counter = KernelCounterCatalogue.Find(group, names[i]);

            // two names that no version of ours has heard of may become one: the page must not have it twice
            if ((all || counter.IsCurated) && taken.Add(counter.MetricName))
            {
                series.Add((i, new MetricFamily(counter.MetricName, counter.IsGauge ? MetricType.Gauge : MetricType.Counter, counter.Help)));
            }
        }

        return series;
    }
}
