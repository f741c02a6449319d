namespace TcpStatExporter.Metrics;

/// <summary>The series of a family whose values are plain numbers.</summary>
internal interface INumberSeries
{
    /// <summary>Number of series that each subject can have.</summary>
    int Variants { get; }

    /// <summary>Its values only grow.</summary>
    bool IsCounter { get; }

    /// <summary>Sets the value of a series for this scrape.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="variant">Index of the series within the subject.</param>
    /// <param name="value">The value.</param>
    void Set(Subject subject, int variant, double value);
}
