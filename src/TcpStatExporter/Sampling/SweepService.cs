namespace TcpStatExporter.Sampling;

/// <summary>Sweeps all network namespaces in turn on a separate thread, as often as their cost allows.</summary>
/// <param name="namespaces">The namespaces to sweep, after their first sample.</param>
/// <param name="time">The clock.</param>
/// <param name="budget">CPU budget for all sweeps together.</param>
internal sealed class SweepService(NamespaceRegistry namespaces, TimeProvider time, CpuBudget budget) : ThreadService("sweeper")
{
    private static readonly TimeSpan FirstSampleCheck = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    protected override void Run(CancellationToken stopping)
    {
        while (namespaces.Host.Store.Age(time) is null)
        {
            if (stopping.WaitHandle.WaitOne(FirstSampleCheck))
            {
                return;
            }
        }

        TimeSpan pause;
        do
        {
            var start = time.GetTimestamp();
            pause = budget.PaceOfSweep(SweepAll(stopping)) - time.GetElapsedTime(start);
        }
        while (!stopping.WaitHandle.WaitOne(pause > TimeSpan.Zero ? pause : TimeSpan.Zero));
    }

    private TimeSpan SweepAll(CancellationToken stopping)
    {
        var cost = TimeSpan.Zero;
        foreach (var one in namespaces.All)
        {
            if (one.Store.Age(time) is not null && !stopping.IsCancellationRequested)
            {
                cost += one.Sweeper.Sweep();
            }
        }

        return cost;
    }
}
