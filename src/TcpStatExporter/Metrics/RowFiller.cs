namespace TcpStatExporter.Metrics;

/// <summary>Fills a family that is about the rows of a list: listeners, destinations.</summary>
/// <param name="series">Its series.</param>
/// <param name="rowsOf">The list.</param>
/// <param name="value">Their values.</param>
/// <typeparam name="TRow">What a row is.</typeparam>
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
                        series.Set(subjects[i], variant, number);
                    }
                }
            }
        }
    }
}
