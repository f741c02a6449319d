namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>One family of an exposition.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Help">Its HELP, unescaped.</param>
/// <param name="Type">counter, gauge, histogram, summary or untyped.</param>
/// <param name="Samples">Its samples, in the order of the page.</param>
internal sealed record MetricFamily(string Name, string Help, string Type, IReadOnlyList<MetricSample> Samples);
