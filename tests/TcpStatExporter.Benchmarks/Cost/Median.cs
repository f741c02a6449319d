namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>The middle one of many measurements.</summary>
internal static class Median
{
    /// <summary>
    /// Measures several things in turn, round by round, so that what else the machine does falls on all alike. Each is done
    /// twice and measured at the second time: it then finds the caches as it left them itself, and not as another side did.
    /// </summary>
    /// <param name="rounds">Rounds.</param>
    /// <param name="sides">The things; each measures itself.</param>
    /// <returns>What each side took, in milliseconds, by round.</returns>
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

    /// <summary>The middle one.</summary>
    /// <param name="values">Measurements.</param>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    /// <summary>How many times another side a side took, by the middle one of the rounds: a machine that slows down for a while slows both.</summary>
    /// <param name="side">What it took, by round.</param>
    /// <param name="other">What the other took in the same rounds.</param>
    public static double Ratio(List<double> side, List<double> other) => Of(side.Zip(other, (one, two) => one / two));
}
