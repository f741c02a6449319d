using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What judges one network namespace, and what it said last.</summary>
/// <param name="store">Where its samples are published.</param>
/// <param name="advice">Where the examiner publishes its advice.</param>
/// <param name="examiner">Judges, and is owned.</param>
/// <param name="incidents">Logs what begins and ends; none where nobody reads a log.</param>
internal sealed class NamespaceAdvice(SampleStore store, AdviceStore advice, Examiner examiner, IncidentLog? incidents) : IDisposable
{
    private ulong _judged;

    /// <summary>Where its samples are published.</summary>
    public SampleStore Store => store;

    /// <summary>Where the examiner publishes its advice.</summary>
    public AdviceStore Advice => advice;

    /// <summary>Judges.</summary>
    public Examiner Examiner => examiner;

    /// <summary>Judges the last tick, unless that was done.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Follow(TimeSpan now)
    {
        ulong tick;
        using (var lease = store.Take())
        {
            tick = lease.Sample.Samples;
        }

        if (tick == _judged)
        {
            return;
        }

        _judged = tick;
        if (examiner.Follow() is { } said)
        {
            incidents?.Observe(said, now);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => examiner.Dispose();
}
