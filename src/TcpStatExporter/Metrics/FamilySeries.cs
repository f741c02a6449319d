using Prometheus;

namespace TcpStatExporter.Metrics;

/// <summary>
/// The series of one family: for each subject one, or a few that differ by further labels. prometheus-net learns of the
/// family with its first series, so that what this host does not have leaves no trace on the page.
/// </summary>
/// <typeparam name="TChild">prometheus-net's class for a series.</typeparam>
internal abstract class FamilySeries<TChild>
    where TChild : ChildBase
{
    private const string Netns = "netns";

    private readonly MetricFamily _family;
    private readonly string[][] _variants;
    private readonly Collector<TChild>?[] _collectors;
    private readonly Collector<TChild>?[] _elsewhere;
    private readonly int _first;

    /// <summary>Makes the series of a family.</summary>
    /// <param name="family">The family.</param>
    /// <param name="kind">What it is about.</param>
    /// <param name="variants">For each series of a subject the values of the labels that follow the subject's.</param>
    protected FamilySeries(MetricFamily family, SubjectKind kind, string[][] variants)
    {
        _family = family;
        _variants = variants;
        _first = kind.AddSeries(variants.Length);

        // series of one family may have more labels or fewer; each number of labels is a collector of its own
        _collectors = new Collector<TChild>?[family.Labels.Length + 1];

        // and those of other network namespaces than the host's own have one label more
        _elsewhere = new Collector<TChild>?[family.Labels.Length + 1];
    }

    /// <summary>Series that each subject can have.</summary>
    public int Variants => _variants.Length;

    /// <summary>prometheus-net's object for one series, which is then on the page.</summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="variant">Which of the subject's.</param>
    /// <param name="isNew">It was made just now.</param>
    protected TChild Child(Subject subject, int variant, out bool isNew)
    {
        ref var slot = ref subject[_first + variant];
        slot.IsSet = true;
        isNew = slot.Child is null;
        slot.Child ??= Create(subject, _variants[variant]);
        return (TChild)slot.Child;
    }

    /// <summary>Tells prometheus-net of the family.</summary>
    /// <param name="family">The family.</param>
    /// <param name="labels">Names of labels: all of the family's, or the first of them.</param>
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
