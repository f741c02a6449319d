namespace TcpStatExporter.Sampling;

/// <summary>Runs sweeps on a thread of its own, as often as their cost allows.</summary>
internal sealed class SweepService : ThreadService
{
    private static readonly TimeSpan FirstSampleCheck = TimeSpan.FromMilliseconds(100);

    private readonly Sweeper _sweeper;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly CpuBudget _budget;

    /// <summary>Makes the service; it begins with its start.</summary>
    /// <param name="sweeper">What to run.</param>
    /// <param name="store">Where the first sample appears, before which there is nothing to sweep for.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="budget">What they may cost.</param>
    public SweepService(Sweeper sweeper, SampleStore store, TimeProvider time, CpuBudget budget)
        : base("sweeper")
    {
        _sweeper = sweeper;
        _store = store;
        _time = time;
        _budget = budget;
    }

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
            pause = _budget.PaceOfSweep(_sweeper.Sweep()) - _time.GetElapsedTime(start);
        }
        while (!stopped.WaitOne(pause > TimeSpan.Zero ? pause : TimeSpan.Zero));
    }
}
