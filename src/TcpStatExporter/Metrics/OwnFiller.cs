namespace TcpStatExporter.Metrics;

/// <summary>Fills a family that is about the exporter itself.</summary>
/// <param name="series">The series.</param>
/// <param name="subject">The subject for the exporter.</param>
/// <param name="value">The values. Null if a series should not be on the page.</param>
internal sealed class OwnFiller(INumberSeries series, Subject subject, Func<int, double?> value) : IFiller
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        for (var variant = 0; variant < series.Variants; variant++)
        {
            if (value(variant) is { } number)
            {
                series.Set(subject, variant, number);
            }
        }
    }
}
