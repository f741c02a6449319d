using Prometheus;
using Observations = TcpStatExporter.Sampling.Histogram;

namespace TcpStatExporter.Metrics;

/// <summary>
/// The series of a histogram. For each bucket, a scrape adds the observations since the previous scrape, each with the value
/// of their mean.
/// </summary>
internal sealed class HistogramSeries : FamilySeries<Histogram.Child>
{
    private readonly IMetricFactory _factory;
    private readonly double[] _bounds;
    private readonly int _firstObserved;

    /// <summary>Creates the series of a histogram.</summary>
    /// <param name="factory">Creates them in prometheus-net.</param>
    /// <param name="family">The family.</param>
    /// <param name="kind">The kind of subject.</param>
    /// <param name="variants">For each series of a subject: the values of the labels after the subject's own.</param>
    /// <param name="bounds">Upper bounds of all buckets except the last.</param>
    public HistogramSeries(IMetricFactory factory, MetricFamily family, SubjectKind kind, string[][] variants, ReadOnlySpan<double> bounds)
        : base(family, kind, variants)
    {
        _factory = factory;
        _bounds = bounds.ToArray();
        _firstObserved = kind.AddHistograms(variants.Length);
    }

    /// <summary>Sets the value of a series for this scrape.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="variant">Index of the series within the subject.</param>
    /// <param name="now">All observations so far.</param>
    public void Set(Subject subject, int variant, in Observations now)
    {
        var child = Child(subject, variant, out var isNew);
        ref var before = ref subject.Observed(_firstObserved + variant);
        if (isNew)
        {
            before = default;
        }

        var counts = now.Counts(_bounds);
        var sums = now.Sums(_bounds);
        var countsBefore = before.Counts(_bounds);
        var sumsBefore = before.Sums(_bounds);
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > countsBefore[i])
            {
                var count = counts[i] - countsBefore[i];
                child.Observe(Within(i, (sums[i] - sumsBefore[i]) / count), (long)count);
            }
        }

        before = now;

        // also if there are no observations yet
        child.Publish();
    }

    /// <inheritdoc/>
    protected override Collector<Histogram.Child> Register(MetricFamily family, string[] labels) =>
        _factory.CreateHistogram(family.Name, family.Help, labels, new HistogramConfiguration { SuppressInitialValue = true, Buckets = _bounds });

    /// <summary>Keeps the mean of a bucket's observations within its bounds, in spite of rounding errors in the sum.</summary>
    private double Within(int bucket, double mean)
    {
        if (bucket > 0 && mean <= _bounds[bucket - 1])
        {
            return double.BitIncrement(_bounds[bucket - 1]);
        }

        return bucket < _bounds.Length ? Math.Min(mean, _bounds[bucket]) : mean;
    }
}
