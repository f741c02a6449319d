namespace TcpStatExporter.Metrics;

/// <summary>
/// A kind of subject: a network namespace, a listener, a destination. It assigns indexes to the series that each subject of
/// the kind can have.
/// </summary>
internal sealed class SubjectKind
{
    /// <summary>Number of series with an index.</summary>
    public int Series { get; private set; }

    /// <summary>Number of histograms with an index.</summary>
    public int Histograms { get; private set; }

    /// <summary>Assigns indexes to series.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The first index.</returns>
    public int AddSeries(int count)
    {
        Series += count;
        return Series - count;
    }

    /// <summary>Assigns indexes to histograms. Histograms are series too.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The first histogram index.</returns>
    public int AddHistograms(int count)
    {
        Histograms += count;
        return Histograms - count;
    }
}
