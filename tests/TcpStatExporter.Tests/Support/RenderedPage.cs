using System.Text;
using TcpStatExporter.Advisor;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Tests.Support;

/// <summary>A metrics page, parsed by a strict reader.</summary>
internal sealed class RenderedPage
{
    private readonly IReadOnlyList<PageReader.Sample> _samples;

    private RenderedPage(string text, ExpositionFormat format)
    {
        Text = text;
        _samples = [.. PageReader.Read(format == ExpositionFormat.OpenMetrics, text).SelectMany(family => family.Samples)];
    }

    public string Text { get; }

    public IEnumerable<string> Names => _samples.Select(sample => sample.Name).Distinct(StringComparer.Ordinal);

    public static MetricsPage Page(SampleStore store, bool allCounters = false, AdviceStore? advice = null) =>
        new(store, advice ?? new AdviceStore(), new ProcessStatistics(), allCounters, static () => 0);

    public static RenderedPage Of(SampleStore store, ExpositionFormat format = ExpositionFormat.PrometheusText, bool allCounters = false, AdviceStore? advice = null) =>
        Of(Page(store, allCounters, advice), format);

    /// <summary>Returns another scrape of a page.</summary>
    public static RenderedPage Of(MetricsPage page, ExpositionFormat format = ExpositionFormat.PrometheusText)
    {
        using var buffer = new MemoryStream();
        page.Render(buffer, format);
        return new RenderedPage(Encoding.UTF8.GetString(buffer.ToArray()), format);
    }

    public bool Has(string name) => _samples.Any(sample => sample.Name == name);

    /// <summary>Returns the value of the only series with this name and these labels, written as on the page.</summary>
    public double Value(string name, string labels = "") => _samples.Single(sample => sample.Name == name && Labels(sample) == labels).Value;

    /// <summary>Returns the labels of all series with a name, in the page's order.</summary>
    public string[] Labels(string name) => [.. _samples.Where(sample => sample.Name == name).Select(Labels)];

    private static string Labels(PageReader.Sample sample) => string.Join(',', sample.Labels.Select(label => $"{label.Name}={label.Value}"));
}
