namespace TcpStatExporter.Metrics;

/// <summary>Fills one family, or a group of them, in each scrape.</summary>
internal interface IFiller
{
    /// <summary>Sets the values of the series.</summary>
    /// <param name="namespaces">The sample and the subjects of each network namespace.</param>
    void Fill(ReadOnlySpan<NamespaceSeries> namespaces);
}
