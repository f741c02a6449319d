namespace TcpStatExporter.Metrics;

/// <summary>Fills one family, or a group of them, at each scrape.</summary>
internal interface IFiller
{
    /// <summary>Gives the series their values.</summary>
    /// <param name="namespaces">A sample of each network namespace, with what has series in it.</param>
    void Fill(ReadOnlySpan<NamespaceSeries> namespaces);
}
