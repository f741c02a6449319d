using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>Judges one network namespace, and holds the latest advice.</summary>
/// <param name="store">Where its samples are published.</param>
/// <param name="advice">Where the examiner publishes its advice.</param>
/// <param name="examiner">Runs the rules. Owned by this object.</param>
/// <param name="incidents">Logs when incidents begin and end. Null if there is no log.</param>
internal sealed class NamespaceAdvice(SampleStore store, AdviceStore advice, Examiner examiner, IncidentLog? incidents) : IDisposable
{
    private ulong _judged;

    /// <summary>Where its samples are published.</summary>
    public SampleStore Store => store;

    /// <summary>Where the examiner publishes its advice.</summary>
    public AdviceStore Advice => advice;

    /// <summary>Runs the rules.</summary>
    public Examiner Examiner => examiner;

    /// <summary>Judges the last tick, unless that was already done.</summary>
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
