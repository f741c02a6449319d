namespace TcpStatExporter.Metrics;

/// <summary>Fills a family that is about a whole network namespace.</summary>
/// <param name="series">The series.</param>
/// <param name="value">Returns the values.</param>
/// <param name="isHostWide">All namespaces have the same values, so only the host's own are exported.</param>
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
                    series.Set(one.Subject, variant, one.IsHeld && series.IsCounter ? 0 : number);
                }
            }
        }
    }
}
