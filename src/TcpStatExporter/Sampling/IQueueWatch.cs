namespace TcpStatExporter.Sampling;

/// <summary>Measures how long connections wait to be accepted.</summary>
internal interface IQueueWatch : IDisposable
{
    /// <summary>
    /// Returns true if a queue is in use, or was within the last seconds, so <see cref="Look"/> may find something.
    /// </summary>
    /// <param name="now">Monotonic time.</param>
    bool IsActive(TimeSpan now);

    /// <summary>Records a sample of the listeners.</summary>
    /// <param name="listeners">The listeners.</param>
    /// <param name="now">Monotonic time.</param>
    void Sampled(ListenerTable listeners, TimeSpan now);

    /// <summary>Examines the queues once.</summary>
    /// <param name="listeners">The listeners, from their last sample.</param>
    /// <param name="time">Returns monotonic time.</param>
    void Look(ListenerTable listeners, Func<TimeSpan> time);
}
