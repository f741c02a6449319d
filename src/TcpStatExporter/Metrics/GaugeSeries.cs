using Prometheus;

namespace TcpStatExporter.Metrics;

/// <summary>The series of a gauge or an info metric.</summary>
/// <param name="factory">Creates them in prometheus-net.</param>
/// <param name="family">The family.</param>
/// <param name="kind">The kind of subject.</param>
/// <param name="variants">For each series of a subject: the values of the labels after the subject's own.</param>
internal sealed class GaugeSeries(IMetricFactory factory, MetricFamily family, SubjectKind kind, string[][] variants)
    : FamilySeries<Gauge.Child>(family, kind, variants), INumberSeries
{
    private static readonly GaugeConfiguration Hidden = new() { SuppressInitialValue = true };

    /// <inheritdoc/>
    public bool IsCounter => false;

    /// <inheritdoc/>
    public void Set(Subject subject, int variant, double value) => Child(subject, variant, out _).Set(value);

    /// <inheritdoc/>
    protected override Collector<Gauge.Child> Register(MetricFamily family, string[] labels) =>
        factory.CreateGauge(family.Name, family.Help, labels, Hidden);
}
