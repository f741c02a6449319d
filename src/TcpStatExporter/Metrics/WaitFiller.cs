namespace TcpStatExporter.Metrics;

/// <summary>Fills the histogram of how long connections waited in each listener's accept queue.</summary>
/// <param name="series">The series.</param>
internal sealed class WaitFiller(HistogramSeries series) : IFiller
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            var rows = one.Listeners.Rows;
            var subjects = one.Listeners.Subjects;
            for (var i = 0; i < rows.Length; i++)
            {
                if (rows[i] is { HasWaits: true, WaitRow: >= 0 and var row })
                {
                    series.Set(subjects[i], 0, one.Sample.Waits[row]);
                }
            }
        }
    }
}
