using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// How many resets per second this host sent before each listener closed. If it sends more afterwards, they answer clients of
/// that listener. Stores nothing for open listeners.
/// </summary>
internal sealed class Departures
{
    /// <summary>
    /// A listener counts as closed when two reads in a row do not show it. By then its clients are already refused.
    /// </summary>
    private const int LooksUntilGone = (int)SocketMemory.MissedLooks + 1;

    private readonly Dictionary<ListenerIdentity, double> _before = [];
    private readonly Queue<double> _rates = new();

    /// <summary>
    /// Returns the number of resets that this host sent for segments without a socket: all resets that nothing else explains.
    /// </summary>
    /// <param name="stretch">The time.</param>
    /// <returns>Null if unknown.</returns>
    public static ulong? Refused(Stretch stretch)
    {
        // each of these sends a reset on its own (tcp_send_active_reset, net/ipv4/tcp_output.c)
        if (stretch.Tcp("OutRsts") is not { } sent)
        {
            return null;
        }

        var own = (stretch.TcpExt("TCPAbortOnClose") ?? 0) + (stretch.TcpExt("TCPAbortOnData") ?? 0) + (stretch.TcpExt("TCPAbortOnLinger") ?? 0) + (stretch.TcpExt("TCPAbortOnMemory") ?? 0);
        return sent - Math.Min(sent, own);
    }

    /// <summary>Records a tick.</summary>
    /// <param name="sample">The published sample.</param>
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

    /// <summary>Returns the resets per second before a listener closed. 0 if unknown.</summary>
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
