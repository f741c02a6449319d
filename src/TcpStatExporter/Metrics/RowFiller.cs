namespace TcpStatExporter.Metrics;

/// <summary>Fills a family that is about the rows of a list, such as listeners or destinations.</summary>
/// <param name="series">The series.</param>
/// <param name="rowsOf">Returns the list.</param>
/// <param name="value">Returns the values.</param>
/// <typeparam name="TRow">The type of a row.</typeparam>
internal sealed class RowFiller<TRow>(INumberSeries series, Func<NamespaceSeries, ISubjectRows<TRow>> rowsOf, RowValue<TRow> value) : IFiller
    where TRow : struct
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            var list = rowsOf(one);
            var rows = list.Rows;
            var subjects = list.Subjects;
            for (var i = 0; i < rows.Length; i++)
            {
                for (var variant = 0; variant < series.Variants; variant++)
                {
                    if (value(one.Sample, rows[i], variant) is { } number)
                    {
                        series.Set(subjects[i], variant, one.AreListenersHeld && series.IsCounter ? 0 : number);
                    }
                }
            }
        }
    }
}
