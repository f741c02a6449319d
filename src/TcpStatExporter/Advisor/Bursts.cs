using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// The largest burst that each listener's accept queue could not hold. Stores nothing for listeners without losses.
/// </summary>
internal sealed class Bursts
{
    /// <summary>
    /// Losses that are further apart belong to different bursts. Slightly more than the time between two ticks.
    /// </summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(1.5);

    /// <summary>A burst longer ago than this is no longer relevant.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Dictionary<ListenerIdentity, Burst> _bursts = [];

    /// <summary>Records a tick.</summary>
    /// <param name="sample">The published sample.</param>
    public void Observe(NamespaceSample sample)
    {
        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            if (listener.LastLoss is { } at && listener.Lost.AcceptQueue > 0)
            {
                Observe(listener, at);
            }
        }

        foreach (var (identity, burst) in _bursts)
        {
            if (sample.ListenersAt - burst.LastLoss > Memory)
            {
                _bursts.Remove(identity);
            }
        }
    }

    /// <summary>
    /// Returns how many connections a listener lost in its largest burst of the last hour. 0 if there was none.
    /// </summary>
    /// <param name="listener">The listener.</param>
    public ulong Largest(ListenerIdentity listener) => _bursts.GetValueOrDefault(listener).Largest;

    private void Observe(in ListenerSample listener, TimeSpan at)
    {
        var burst = _bursts.GetValueOrDefault(listener.Identity);
        var added = listener.Lost.AcceptQueue - Math.Min(listener.Lost.AcceptQueue, burst.Total);
        if (added == 0)
        {
            return;
        }

        var current = added + (burst.Total > 0 && at - burst.LastLoss <= LongestGap ? burst.Current : 0);
        _bursts[listener.Identity] = new Burst(listener.Lost.AcceptQueue, at, current, Math.Max(burst.Largest, current));
    }

    private readonly record struct Burst(ulong Total, TimeSpan LastLoss, ulong Current, ulong Largest);
}
