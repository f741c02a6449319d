namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>The median of several measurements.</summary>
internal static class Median
{
    /// <summary>
    /// Measures several sides in turn, round by round, so other load on the machine affects all of them equally. Each side
    /// runs twice and is measured the second time, so the caches contain its own data and not that of another side.
    /// </summary>
    /// <param name="rounds">Number of rounds.</param>
    /// <param name="sides">The sides. Each one measures itself.</param>
    /// <returns>The time of each side in milliseconds, by round.</returns>
    public static List<double>[] InTurn(int rounds, params Func<TimeSpan>[] sides)
    {
        var times = sides.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var side = 0; side < sides.Length; side++)
            {
                sides[side]();
                times[side].Add(sides[side]().TotalMilliseconds);
            }
        }

        return times;
    }

    /// <summary>Returns the median.</summary>
    /// <param name="values">The measurements.</param>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    /// <summary>
    /// Returns the ratio of two sides: the median over all rounds. If the machine slows down for a while, it affects both.
    /// </summary>
    /// <param name="side">The time of this side, by round.</param>
    /// <param name="other">The time of the other side in the same rounds.</param>
    public static double Ratio(List<double> side, List<double> other) => Of(side.Zip(other, (one, two) => one / two));
}
