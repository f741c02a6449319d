using TcpStatExporter.Kernel.Model;

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

            for (var id = 0; id < series.Variants; id++)
            {
                ref readonly var source = ref one.Sample[(SourceId)id];
                if (source.Exists)
                {
                    series.Set(one.Subject, id, source.Durations);
                }
            }
        }
    }
}
