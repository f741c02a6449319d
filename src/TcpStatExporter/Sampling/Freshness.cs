namespace TcpStatExporter.Sampling;

/// <summary>How long a sample counts as current.</summary>
internal static class Freshness
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>Returns the maximum age of a fresh sample: three intervals, but at least two seconds.</summary>
    /// <param name="interval">Time between samples.</param>
    public static TimeSpan Of(TimeSpan interval) => 3 * interval > Least ? 3 * interval : Least;
}
