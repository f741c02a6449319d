namespace TcpStatExporter.Sampling;

/// <summary>Runs sweeps on a thread of its own, as often as their cost allows.</summary>
internal sealed class SweepService : ThreadService
{
    /// <summary>Shortest time between two sweeps.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    /// <summary>Longest time between two sweeps, however small the budget.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private static readonly TimeSpan FirstSampleCheck = TimeSpan.FromMilliseconds(100);

    private readonly Sweeper _sweeper;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly double _cpuShare;

    /// <summary>Makes the service; it begins with its start.</summary>
    /// <param name="sweeper">What to run.</param>
    /// <param name="store">Where the first sample appears, before which there is nothing to sweep for.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="cpuBudget">Percent of one core that sweeps may take over time; more than 0.</param>
    public SweepService(Sweeper sweeper, SampleStore store, TimeProvider time, double cpuBudget)
        : base("sweeper")
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cpuBudget);
        _sweeper = sweeper;
        _store = store;
        _time = time;
        _cpuShare = cpuBudget / 100;
    }

    /// <summary>Time from the start of one sweep to the start of the next.</summary>
    /// <param name="cost">CPU time of the first one.</param>
    /// <param name="cpuShare">Share of one core that sweeps may take, 1 being all of it.</param>
    public static TimeSpan Pace(TimeSpan cost, double cpuShare) =>
        TimeSpan.FromSeconds(Math.Clamp(cost.TotalSeconds / cpuShare, ShortestPause.TotalSeconds, LongestPause.TotalSeconds));

    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        while (_store.Age(_time) is null)
        {
            if (stopped.WaitOne(FirstSampleCheck))
            {
                return;
            }
        }

        TimeSpan pause;
        do
        {
            var start = _time.GetTimestamp();
            pause = Pace(_sweeper.Sweep(), _cpuShare) - _time.GetElapsedTime(start);
        }
        while (!stopped.WaitOne(pause > TimeSpan.Zero ? pause : TimeSpan.Zero));
    }
}
