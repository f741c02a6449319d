using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>
/// The counters of one group, in the kernel's order. Their selection and metric names are worked out again only if the names
/// in a table have changed.
/// </summary>
/// <param name="group">Where the kernel prints them.</param>
/// <param name="all">Export all counters, not only the curated ones.</param>
/// <param name="create">Creates the series of a family.</param>
internal sealed class KernelCounterSeries(KernelCounterGroup group, bool all, Func<MetricFamily, INumberSeries> create)
{
    /// <summary>All counters seen so far, by metric name.</summary>
    private readonly Dictionary<string, INumberSeries> _known = new(StringComparer.Ordinal);

    private (int Index, bool IsGauge, INumberSeries Series)[] _series = [];
    private string[] _names = [];

    /// <summary>Sets all counters.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="table">The kernel's table.</param>
    /// <param name="isHeld">What only grows is shown as 0.</param>
    public void Set(Subject subject, CounterTable table, bool isHeld = false)
    {
        // tables of one kernel share the strings, so this only compares references
        if (!table.Names.SequenceEqual(_names))
        {
            _names = table.Names.ToArray();
            _series = [.. Choose(_names)];
        }

        foreach (var (index, isGauge, series) in _series)
        {
            // a parameter may be signed: MaxConn is -1 if there is no limit
            var value = table.Values[index];
            series.Set(subject, 0, isGauge ? unchecked((long)value) : isHeld ? 0 : value);
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

            // two names unknown to this version may map to the same metric, which must be on the page only once
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
