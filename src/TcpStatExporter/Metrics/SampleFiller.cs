namespace TcpStatExporter.Metrics;

/// <summary>Fills a family that is about a network namespace as a whole.</summary>
/// <param name="series">Its series.</param>
/// <param name="value">Their values.</param>
/// <param name="isHostWide">The values of all namespaces are the same: those of the host's own are enough.</param>
internal sealed class SampleFiller(INumberSeries series, SampleValue value, bool isHostWide = false) : IFiller
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            if (isHostWide && !one.IsHost)
            {
                continue;
            }

            for (var variant = 0; variant < series.Variants; variant++)
            {
                if (value(one.Sample, variant) is { } number)
                {
                    series.Set(one.Subject, variant, number);
                }
            }
        }
    }
}
