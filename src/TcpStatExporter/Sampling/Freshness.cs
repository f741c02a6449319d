namespace TcpStatExporter.Sampling;

/// <summary>Until when a sample speaks of now.</summary>
internal static class Freshness
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>Age up to which a sample is fresh: three intervals, and two seconds at least.</summary>
    /// <param name="interval">Time between samples.</param>
    public static TimeSpan Of(TimeSpan interval) => 3 * interval > Least ? 3 * interval : Least;
}
