using Prometheus;

namespace TcpStatExporter.Metrics;

/// <summary>The series of a counter. A value never decreases while its series is on the page.</summary>
/// <param name="factory">Creates them in prometheus-net.</param>
/// <param name="family">The family.</param>
/// <param name="kind">The kind of subject.</param>
/// <param name="variants">For each series of a subject: the values of the labels after the subject's own.</param>
internal sealed class CounterSeries(IMetricFactory factory, MetricFamily family, SubjectKind kind, string[][] variants)
    : FamilySeries<Counter.Child>(family, kind, variants), INumberSeries
{
    private static readonly CounterConfiguration Hidden = new() { SuppressInitialValue = true };

    /// <inheritdoc/>
    public bool IsCounter => true;

    /// <inheritdoc/>
    public void Set(Subject subject, int variant, double value) => Child(subject, variant, out _).IncTo(value);

    /// <inheritdoc/>
    protected override Collector<Counter.Child> Register(MetricFamily family, string[] labels) =>
        factory.CreateCounter(family.Name, family.Help, labels, Hidden);
}
