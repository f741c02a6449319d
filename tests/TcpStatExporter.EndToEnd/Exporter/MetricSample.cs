namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>One line of an exposition.</summary>
/// <param name="Name">Its name, including the suffix of a histogram.</param>
/// <param name="Labels">Its labels, by name.</param>
/// <param name="Value">Its value.</param>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>The value of a label that must exist.</summary>
    /// <param name="label">Name of the label.</param>
    public string this[string label] => Labels[label];
}
