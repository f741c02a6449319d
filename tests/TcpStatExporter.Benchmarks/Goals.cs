namespace TcpStatExporter.Benchmarks;

/// <summary>The goals of a benchmark and the measured values.</summary>
internal sealed class Goals
{
    private readonly Table _table = new("figure", "measured", "goal", "");
    private bool _isMissed;

    /// <summary>0 if all goals were reached, otherwise 1.</summary>
    public int ExitCode => _isMissed ? 1 : 0;

    /// <summary>Records a value that should be small.</summary>
    /// <param name="limit">The highest good value.</param>
    /// <param name="value">The measured value.</param>
    /// <param name="what">What was measured.</param>
    /// <param name="unit">Its unit.</param>
    public void AtMost(double limit, double value, string what, string unit) => Add(what, value, $"at most {limit}", unit, value <= limit);

    /// <summary>Records a value that should be large.</summary>
    /// <param name="limit">The lowest good value.</param>
    /// <param name="value">The measured value.</param>
    /// <param name="what">What was measured.</param>
    /// <param name="unit">Its unit.</param>
    public void AtLeast(double limit, double value, string what, string unit) => Add(what, value, $"at least {limit}", unit, value >= limit);

    /// <summary>Prints all values.</summary>
    public void Print()
    {
        Console.WriteLine();
        _table.Print();
    }

    private void Add(string what, double value, string limit, string unit, bool isReached)
    {
        _isMissed |= !isReached;
        _table.Add(what, $"{value:0.###} {unit}", $"{limit} {unit}", isReached ? "reached" : "MISSED");
    }
}
