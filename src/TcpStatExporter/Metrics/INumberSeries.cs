namespace TcpStatExporter.Metrics;

/// <summary>The series of a family whose values are single numbers.</summary>
internal interface INumberSeries
{
    /// <summary>Series that each subject can have.</summary>
    int Variants { get; }

    /// <summary>Gives a series its value for this scrape.</summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="variant">Which of the subject's.</param>
    /// <param name="value">The value.</param>
    void Set(Subject subject, int variant, double value);
}
