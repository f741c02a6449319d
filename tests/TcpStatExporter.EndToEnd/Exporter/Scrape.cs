namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>An exposition in the Prometheus text format 0.0.4, parsed by a strict reader.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetricSample> _samples = new(StringComparer.Ordinal);

    private Scrape(string text) => Text = text;

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The families with samples, by name.</summary>
    public IReadOnlyDictionary<string, MetricFamily> Families => _families;

    /// <summary>Parses an exposition.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The first invalid line, with its number.</exception>
    public static Scrape Parse(string text)
    {
        var scrape = new Scrape(text);
        foreach (var family in PageReader.Read(isOpenMetrics: false, text).Where(family => family.Samples.Count > 0))
        {
            MetricSample[] samples =
            [
                .. family.Samples.Select(sample => new MetricSample(sample.Name, sample.Labels.ToDictionary(label => label.Name, label => label.Value, StringComparer.Ordinal), sample.Value)),
            ];
            scrape._families.Add(family.Name, new MetricFamily(family.Name, family.Help, family.Type, samples));
            foreach (var sample in samples)
            {
                scrape._samples.Add(KeyOf(sample.Name, sample.Labels.Select(label => (label.Key, label.Value))), sample);
            }
        }

        return scrape;
    }

    /// <summary>Returns the value of one series. It must exist.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">All its labels, in any order.</param>
    /// <exception cref="KeyNotFoundException">It does not exist. The message lists the series with that name.</exception>
    public double Value(string name, params (string Name, string Value)[] labels) =>
        _samples.TryGetValue(KeyOf(name, labels), out var sample)
            ? sample.Value
            : throw new KeyNotFoundException(
                $"no {KeyOf(name, labels)}, only: {string.Join(", ", _samples.Keys.Where(key => key.Split('{')[0].Equals(name, StringComparison.Ordinal)))}");

    /// <summary>Returns true if a series exists.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">All its labels, in any order.</param>
    public bool Contains(string name, params (string Name, string Value)[] labels) => _samples.ContainsKey(KeyOf(name, labels));

    /// <summary>Returns all series with a name, in the order of the page. Empty if the family is absent.</summary>
    /// <param name="name">The name, including the suffix of a histogram.</param>
    public IReadOnlyList<MetricSample> Samples(string name) =>
        [.. _families.Values.SelectMany(family => family.Samples).Where(sample => sample.Name.Equals(name, StringComparison.Ordinal))];

    private static string KeyOf(string name, IEnumerable<(string Name, string Value)> labels) =>
        $"{name}{{{string.Join(',', labels.OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}=\"{Escape(label.Value)}\""))}}}";

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
