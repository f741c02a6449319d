namespace TcpStatExporter.Sampling;

/// <summary>
/// CPU time for full scans of the kernel's connection table: the dumps that count the states, and the sweeps. Both grow with
/// the number of sockets, unlike the rest of a tick. Budget accumulates over time. A dump runs when there is enough budget
/// for it. A dump that cannot wait may go into debt. Sweeps have their own interval.
/// </summary>
/// <remarks>
/// For the sampling thread only, except <see cref="PaceOfSweep"/>, which is for the sweeping thread, and a <see cref="Part"/>, which is
/// for the thread that asked for it.
/// </remarks>
/// <param name="percent">Percent of one core. More than 0.</param>
/// <param name="sweepPercent">
/// Percent of one core for sweeps, in addition. If null, sweeps use a quarter of <paramref name="percent"/>.
/// </param>
internal sealed class CpuBudget(double percent, double? sweepPercent = null)
{
    /// <summary>The share of the budget for sweeps.</summary>
    public const double ShareOfSweeps = 0.25;

    /// <summary>Minimum time between the starts of two sweeps.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    /// <summary>Maximum time between the starts of two sweeps, however small the budget.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>Budget accumulates for at most this long, so a quiet hour does not pay for an expensive minute.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    /// <summary>Dumps that cannot wait may use the budget of this much time in advance.</summary>
    public static readonly TimeSpan Advance = TimeSpan.FromMinutes(1);

    private readonly double _share = percent > 0 ? percent / 100 : throw new ArgumentOutOfRangeException(nameof(percent));
    private TimeSpan _balance;
    private TimeSpan? _last;
    private double _sweepShare;
    private long _takenTicks;
    private TimeSpan _owed;
    private double _shareOfParts;
    private CpuBudget? _whole;

    /// <summary>The budget as a share of one core. 1 is a full core.</summary>
    public double Share => _share;

    /// <summary>The accumulated budget. Negative if it was used in advance.</summary>
    public TimeSpan Balance => _balance;

    /// <summary>Adds the budget for the time since the last call.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Accrue(TimeSpan now)
    {
        var elapsed = now - (_last ?? now);
        var income = elapsed * Math.Max(0, _share - Volatile.Read(ref _sweepShare));
        _last = now;
        _owed += new TimeSpan(Interlocked.Exchange(ref _takenTicks, 0));

        // a part may spend a minute's budget at once; the whole pays for it as it comes in
        var most = elapsed * _share * _shareOfParts;
        var paid = _owed < most ? _owed : most;
        _owed -= paid;
        var sum = _balance + income - paid;
        _balance = sum < Kept * _share ? sum : Kept * _share;
    }

    /// <summary>Subtracts the cost of a dump.</summary>
    /// <param name="cost">CPU time.</param>
    public void Spend(TimeSpan cost)
    {
        _balance -= cost;
        if (_whole is not null)
        {
            Interlocked.Add(ref _whole._takenTicks, cost.Ticks);
        }
    }

    /// <summary>
    /// Returns a budget for another thread. What it spends is taken from the income of this one, so both together stay within
    /// the limit, and this one always has the rest of its income.
    /// </summary>
    /// <param name="share">The most that it may spend, as a share of this budget.</param>
    public CpuBudget Part(double share)
    {
        _shareOfParts += share;
        return new CpuBudget(_share * share * 100) { _whole = this };
    }

    /// <summary>
    /// Returns true if there is enough budget for a dump. If its cost exceeds the maximum budget, the rest becomes debt.
    /// </summary>
    /// <param name="cost">CPU time of the dump.</param>
    public bool CanPay(TimeSpan cost) => _balance >= (cost < Kept * _share ? cost : Kept * _share);

    /// <summary>
    /// Returns true if a dump that cannot wait may run: the debt is less than one minute's budget, or less than two such
    /// dumps.
    /// </summary>
    /// <param name="cost">CPU time of the dump.</param>
    public bool CanBorrow(TimeSpan cost)
    {
        var limit = Advance * _share;
        return -_balance < (limit > 2 * cost ? limit : 2 * cost);
    }

    /// <summary>Returns the time from the start of one sweep to the start of the next.</summary>
    /// <param name="cost">CPU time of the first sweep.</param>
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
