namespace TcpStatExporter.Sampling;

/// <summary>Whether accept queues are worth examining: connections wait in one, or did a moment ago.</summary>
internal sealed class QueueUse
{
    /// <summary>The queues are examined for this long after the last one was seen empty.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    private TimeSpan? _lastInUse;

    /// <summary>True if they are worth it.</summary>
    /// <param name="now">Monotonic time.</param>
    public bool IsActive(TimeSpan now) => now - _lastInUse < Linger;

    /// <summary>
    /// Records a read of the listeners. Without an examination, each one counts as an examination that found the queues empty.
    /// </summary>
    /// <param name="listeners">The listeners.</param>
    /// <param name="now">Monotonic time.</param>
    public void Sampled(ListenerTable listeners, TimeSpan now)
    {
        _lastInUse = listeners.HasQueue ? now : _lastInUse;
        if (!IsActive(now))
        {
            listeners.ObserveEmptyQueues(now);
        }
    }

    /// <summary>Records an examination.</summary>
    /// <param name="inUse">Number of queues in use.</param>
    /// <param name="now">Monotonic time.</param>
    public void Examined(int inUse, TimeSpan now) => _lastInUse = inUse > 0 ? now : _lastInUse;
}
