namespace TcpStatExporter.Sampling;

/// <summary>Tells how long connections wait to be accepted.</summary>
internal interface IQueueWatch : IDisposable
{
    /// <summary>Whether a queue is in use, or was within the last seconds, so that <see cref="Look"/> may find something.</summary>
    /// <param name="now">Monotonic time.</param>
    bool IsActive(TimeSpan now);

    /// <summary>Takes note of a sample of the listeners.</summary>
    /// <param name="listeners">The listeners.</param>
    /// <param name="now">Monotonic time.</param>
    void Sampled(ListenerTable listeners, TimeSpan now);

    /// <summary>Takes one look at the queues.</summary>
    /// <param name="listeners">The listeners, as of their last sample.</param>
    /// <param name="time">Tells monotonic time.</param>
    void Look(ListenerTable listeners, Func<TimeSpan> time);
}
