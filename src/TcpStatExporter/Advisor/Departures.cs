using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// How many resets this host sent a second before a listener went: what it sends more since are answers to clients of
/// that listener. Knows nothing of listeners that are there.
/// </summary>
internal sealed class Departures
{
    /// <summary>A listener is known to be gone at the second look without it: by then its clients are refused already.</summary>
    private const int LooksUntilGone = (int)SocketMemory.MissedLooks + 1;

    private readonly Dictionary<ListenerIdentity, double> _before = [];
    private readonly Queue<double> _rates = new();

    /// <summary>Resets that this host sent since a time that nothing else explains: to segments for which it has no socket.</summary>
    /// <param name="stretch">The time.</param>
    /// <returns>None where it is not known.</returns>
    public static ulong? Refused(Stretch stretch)
    {
        // each of these sends one of its own accord (tcp_send_active_reset, net/ipv4/tcp_output.c)
        if (stretch.Tcp("OutRsts") is not { } sent)
        {
            return null;
        }

        var own = (stretch.TcpExt("TCPAbortOnClose") ?? 0) + (stretch.TcpExt("TCPAbortOnData") ?? 0) + (stretch.TcpExt("TCPAbortOnLinger") ?? 0) + (stretch.TcpExt("TCPAbortOnMemory") ?? 0);
        return sent - Math.Min(sent, own);
    }

    /// <summary>Takes a tick.</summary>
    /// <param name="sample">What was published.</param>
    /// <param name="recent">The seconds before it.</param>
    public void Observe(NamespaceSample sample, Stretch recent)
    {
        _rates.Enqueue(recent.PerSecond(Refused(recent) ?? 0));
        var before = _rates.Peek();
        if (_rates.Count > LooksUntilGone)
        {
            _rates.Dequeue();
        }

        if (sample.Closed.Count == 0)
        {
            _before.Clear();
            return;
        }

        foreach (ref readonly var closed in sample.Closed.Span)
        {
            _before.TryAdd(closed.Last.Identity, before);
        }

        if (_before.Count > sample.Closed.Count)
        {
            foreach (var listener in _before.Keys)
            {
                if (!IsGone(sample, listener))
                {
                    _before.Remove(listener);
                }
            }
        }
    }

    /// <summary>Resets a second before a listener went; 0 where it is not known.</summary>
    /// <param name="listener">The listener.</param>
    public double RefusedBefore(ListenerIdentity listener) => _before.GetValueOrDefault(listener);

    private static bool IsGone(NamespaceSample sample, ListenerIdentity listener)
    {
        foreach (ref readonly var closed in sample.Closed.Span)
        {
            if (ReferenceEquals(closed.Last.Identity, listener))
            {
                return true;
            }
        }

        return false;
    }
}
