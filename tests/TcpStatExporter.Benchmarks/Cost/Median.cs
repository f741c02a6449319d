namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>The middle one of many measurements.</summary>
internal static class Median
{
    /// <summary>Measures several things in turn, round by round, so that what else the machine does falls on all alike.</summary>
    /// <param name="rounds">Rounds, after one that does not count.</param>
    /// <param name="sides">The things; each measures itself.</param>
    /// <returns>Median and least of each, in milliseconds.</returns>
    public static (double Median, double Least)[] InTurn(int rounds, params Func<TimeSpan>[] sides)
    {
        var times = sides.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            // every other round backwards: the same side would else always find the caches as the same other one left them
            for (var i = 0; i < sides.Length; i++)
            {
                var side = round % 2 == 0 ? i : sides.Length - 1 - i;
                var time = sides[side]().TotalMilliseconds;
                if (round >= 0)
                {
                    times[side].Add(time);
                }
            }
        }

        return [.. times.Select(values => (Of(values), values.Min()))];
    }

    /// <summary>The middle one.</summary>
    /// <param name="values">Measurements; put in order.</param>
    public static double Of(List<double> values)
    {
        values.Sort();
        return (values[values.Count / 2] + values[(values.Count - 1) / 2]) / 2;
    }
}
