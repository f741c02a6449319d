namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>One family of an exposition.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Help">Its help, escapes undone.</param>
/// <param name="Type">counter, gauge, histogram, summary or untyped.</param>
/// <param name="Samples">Its samples, in the order of the text.</param>
internal sealed record MetricFamily(string Name, string Help, string Type, IReadOnlyList<MetricSample> Samples);
