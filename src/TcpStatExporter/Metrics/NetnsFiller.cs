namespace TcpStatExporter.Metrics;

/// <summary>Fills the family that says what network namespaces belong to.</summary>
/// <param name="series">Its series.</param>
internal sealed class NetnsFiller(INumberSeries series) : IFiller
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            if (one.Owner is { } owner)
            {
                series.Set(owner, 0, 1);
            }
        }
    }
}
