namespace TcpStatExporter.Benchmarks;

/// <summary>The figures that were to be reached, and those that were.</summary>
internal sealed class Goals
{
    private readonly Table _table = new("figure", "measured", "goal", "");
    private bool _isMissed;

    /// <summary>0 where every goal was reached, else 1.</summary>
    public int ExitCode => _isMissed ? 1 : 0;

    /// <summary>Notes a figure that is to be small.</summary>
    /// <param name="limit">The largest that is good.</param>
    /// <param name="value">What was measured.</param>
    /// <param name="what">What it is.</param>
    /// <param name="unit">Its unit.</param>
    public void AtMost(double limit, double value, string what, string unit) => Add(what, value, $"at most {limit}", unit, value <= limit);

    /// <summary>Notes a figure that is to be large.</summary>
    /// <param name="limit">The smallest that is good.</param>
    /// <param name="value">What was measured.</param>
    /// <param name="what">What it is.</param>
    /// <param name="unit">Its unit.</param>
    public void AtLeast(double limit, double value, string what, string unit) => Add(what, value, $"at least {limit}", unit, value >= limit);

    /// <summary>Prints them all.</summary>
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
