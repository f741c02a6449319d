namespace TcpStatExporter.Metrics;

/// <summary>Fills the histogram of how full the accept queue of each listener was.</summary>
/// <param name="series">The series.</param>
internal sealed class FillRatioFiller(HistogramSeries series) : IFiller
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
                if (rows[i].HasLimit)
                {
                    series.Set(subjects[i], 0, one.AreListenersHeld ? default : rows[i].FillRatios);
                }
            }
        }
    }
}
