using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>
/// The counters of one group, in the kernel's order. Which of them, and under what name, is worked out when the names of
/// a table differ from those of the last one.
/// </summary>
/// <param name="group">Where the kernel prints them.</param>
/// <param name="all">Every counter, not the curated ones alone.</param>
/// <param name="create">Makes the series of a family.</param>
internal sealed class KernelCounterSeries(KernelCounterGroup group, bool all, Func<MetricFamily, INumberSeries> create)
{
    /// <summary>Every counter that was met, by its metric name.</summary>
    private readonly Dictionary<string, INumberSeries> _known = new(StringComparer.Ordinal);

    private (int Index, bool IsGauge, INumberSeries Series)[] _series = [];
    private string[] _names = [];

    /// <summary>Sets each counter.</summary>
    /// <param name="subject">Whose they are.</param>
    /// <param name="table">The kernel's table.</param>
    public void Set(Subject subject, CounterTable table)
    {
        // tables of one kernel share the strings, so this compares references
        if (!table.Names.SequenceEqual(_names))
        {
            _names = table.Names.ToArray();
            _series = [.. Choose(_names)];
        }

        foreach (var (index, isGauge, series) in _series)
        {
            // a parameter may be signed: MaxConn is -1 where there is no limit
            var value = table.Values[index];
            series.Set(subject, 0, isGauge ? unchecked((long)value) : value);
        }
    }

    private List<(int Index, bool IsGauge, INumberSeries Series)> Choose(ReadOnlySpan<string> names)
    {
        var chosen = new List<(int, bool, INumberSeries)>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            var counter = KernelCounterCatalogue.Find(group, names[i]);
            if (!all && !counter.IsCurated)
            {
                continue;
            }

            // two names that no version of ours has heard of may become one: the page must not have it twice
            var family = KernelCounterFamily.Of(counter);
            if (taken.Add(family.Name))
            {
                if (!_known.TryGetValue(family.Name, out var series))
                {
                    _known[family.Name] = series = create(family);
                }

                chosen.Add((i, counter.IsGauge, series));
            }
        }

        return chosen;
    }
}
