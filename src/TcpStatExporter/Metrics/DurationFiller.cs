using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>Fills the histogram of how long it took to read each source, in the host's own network namespace.</summary>
/// <param name="series">The series, by source.</param>
internal sealed class DurationFiller(HistogramSeries series) : IFiller
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            if (!one.IsHost)
            {
                continue;
            }

            for (var i = 0; i < series.Variants; i++)
            {
                ref readonly var source = ref AnySource.All[i].In(one.Sample);
                if (source.Exists)
                {
                    series.Set(one.Subject, i, source.Durations);
                }
            }
        }
    }
}
