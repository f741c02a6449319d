namespace TcpStatExporter.Metrics;

/// <summary>What kind of thing series are about: a network namespace, a listener, a destination. It numbers the series that each thing of the kind can have.</summary>
internal sealed class SubjectKind
{
    /// <summary>Series that are numbered.</summary>
    public int Series { get; private set; }

    /// <summary>Histograms that are numbered.</summary>
    public int Histograms { get; private set; }

    /// <summary>Numbers series.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The number of the first.</returns>
    public int AddSeries(int count)
    {
        Series += count;
        return Series - count;
    }

    /// <summary>Numbers histograms, which are series too.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The number of the first among the histograms.</returns>
    public int AddHistograms(int count)
    {
        Histograms += count;
        return Histograms - count;
    }
}
