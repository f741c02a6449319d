using Prometheus;

namespace TcpStatExporter.Metrics;

/// <summary>
/// The series of one family. Each subject has one series, or several that differ in further labels. prometheus-net learns
/// about the family from its first series, so a family that this host does not have leaves no trace on the page.
/// </summary>
/// <typeparam name="TChild">prometheus-net's class of a series.</typeparam>
internal abstract class FamilySeries<TChild>
    where TChild : ChildBase
{
    private const string Netns = "netns";

    private readonly MetricFamily _family;
    private readonly string[][] _variants;
    private readonly Collector<TChild>?[] _collectors;
    private readonly Collector<TChild>?[] _elsewhere;
    private readonly int _first;

    /// <summary>Creates the series of a family.</summary>
    /// <param name="family">The family.</param>
    /// <param name="kind">The kind of subject.</param>
    /// <param name="variants">For each series of a subject: the values of the labels after the subject's own.</param>
    protected FamilySeries(MetricFamily family, SubjectKind kind, string[][] variants)
    {
        _family = family;
        _variants = variants;
        _first = kind.AddSeries(variants.Length);

        // series of one family can have different numbers of labels; each number needs its own collector
        _collectors = new Collector<TChild>?[family.Labels.Length + 1];

        // series of namespaces other than the host's own have one more label
        _elsewhere = new Collector<TChild>?[family.Labels.Length + 1];
    }

    /// <summary>Number of series that each subject can have.</summary>
    public int Variants => _variants.Length;

    /// <summary>Returns prometheus-net's object for one series, which is then on the page.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="variant">Index of the series within the subject.</param>
    /// <param name="isNew">True if it was created by this call.</param>
    protected TChild Child(Subject subject, int variant, out bool isNew)
    {
        ref var slot = ref subject[_first + variant];
        slot.IsSet = true;
        isNew = slot.Child is null;
        slot.Child ??= Create(subject, _variants[variant]);
        return (TChild)slot.Child;
    }

    /// <summary>Registers the family with prometheus-net.</summary>
    /// <param name="family">The family.</param>
    /// <param name="labels">Names of the labels: all of the family's, or the first few.</param>
    protected abstract Collector<TChild> Register(MetricFamily family, string[] labels);

    private TChild Create(Subject subject, string[] variant)
    {
        string[] values = [.. subject.Labels, .. variant];
        if (subject.Netns.Length > 0)
        {
            var labels = _family.Labels[..values.Length];
            var others = _elsewhere[values.Length] ??= Register(_family, [Netns, .. labels]);
            return others.WithLabels([LabelValue.Bound(subject.Netns), .. values.Select(LabelValue.Bound)]);
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = LabelValue.Bound(values[i]);
        }

        var collector = _collectors[values.Length] ??= Register(_family, _family.Labels[..values.Length]);
        return values.Length == 0 ? ((ICollector<TChild>)collector).Unlabelled : collector.WithLabels(values);
    }
}
