namespace TcpStatExporter.Sampling;

/// <summary>
/// CPU time that looks at the kernel's whole table of connections may take: the dumps that count the states, and the
/// sweeps. Both grow with the number of sockets, which nothing else of a tick does. It is saved up as time goes by. A dump
/// is made once it is saved up for; one that cannot wait may run into debt. Sweeps keep their own pace.
/// </summary>
/// <remarks>Of the thread that samples, but for <see cref="PaceOfSweep"/>, which is of the one that sweeps.</remarks>
/// <param name="percent">Percent of one core; more than 0.</param>
/// <param name="sweepPercent">Percent of one core that sweeps may take on top of it; null: a quarter of <paramref name="percent"/>, out of it.</param>
internal sealed class CpuBudget(double percent, double? sweepPercent = null)
{
    /// <summary>The part of the budget that sweeps may use.</summary>
    public const double ShareOfSweeps = 0.25;

    /// <summary>Shortest time between the starts of two sweeps.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    /// <summary>Longest time between the starts of two sweeps, however small the budget.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>Time whose budget is kept at most, so that a quiet hour does not pay for a costly minute.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    /// <summary>Time whose budget may be spent in advance, by dumps that cannot wait.</summary>
    public static readonly TimeSpan Advance = TimeSpan.FromMinutes(1);

    private readonly double _share = percent > 0 ? percent / 100 : throw new ArgumentOutOfRangeException(nameof(percent));
    private TimeSpan _balance;
    private TimeSpan? _last;
    private double _sweepShare;

    /// <summary>Share of one core that there is, 1 being all of it.</summary>
    public double Share => _share;

    /// <summary>What is saved up; below zero where it was spent in advance.</summary>
    public TimeSpan Balance => _balance;

    /// <summary>Adds what has come in since the last call.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Accrue(TimeSpan now)
    {
        var income = (now - (_last ?? now)) * Math.Max(0, _share - Volatile.Read(ref _sweepShare));
        _last = now;
        var sum = _balance + income;
        _balance = sum < Kept * _share ? sum : Kept * _share;
    }

    /// <summary>Takes what a dump cost.</summary>
    /// <param name="cost">CPU time.</param>
    public void Spend(TimeSpan cost) => _balance -= cost;

    /// <summary>Whether a dump is saved up for. One that costs more than can be kept goes the rest of the way into debt.</summary>
    /// <param name="cost">CPU time that it will take.</param>
    public bool CanPay(TimeSpan cost) => _balance >= (cost < Kept * _share ? cost : Kept * _share);

    /// <summary>Whether a dump that cannot wait may be made: while the debt is less than a minute's budget, or than two such dumps.</summary>
    /// <param name="cost">CPU time that it will take.</param>
    public bool CanBorrow(TimeSpan cost)
    {
        var limit = Advance * _share;
        return -_balance < (limit > 2 * cost ? limit : 2 * cost);
    }

    /// <summary>Time from the start of one sweep to the start of the next.</summary>
    /// <param name="cost">CPU time of the first one.</param>
    public TimeSpan PaceOfSweep(TimeSpan cost)
    {
        var share = sweepPercent / 100 ?? (_share * ShareOfSweeps);
        var pace = TimeSpan.FromSeconds(Math.Clamp(cost.TotalSeconds / share, ShortestPause.TotalSeconds, LongestPause.TotalSeconds));
        if (sweepPercent is null)
        {
            Volatile.Write(ref _sweepShare, cost / pace);
        }

        return pace;
    }
}
