using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>The counters of a listener at some time.</summary>
/// <param name="Identity">The listener: the same object as in every sample.</param>
/// <param name="Lost">Its losses.</param>
/// <param name="Looks">How often its queue was read.</param>
/// <param name="FullLooks">How often the queue was full in a read.</param>
/// <param name="Openings">How often it began to listen.</param>
/// <param name="Drops">Packets that it discarded.</param>
internal readonly record struct ListenerMark(ListenerIdentity Identity, LossCounts Lost, ulong Looks, ulong FullLooks, ulong Openings, ulong Drops)
{
    /// <summary>Copies the counters of a listener.</summary>
    /// <param name="listener">The listener.</param>
    public static ListenerMark Of(in ListenerSample listener)
    {
        var bounds = ListenerSample.FillRatioBounds;
        var counts = listener.FillRatios.Counts(bounds);
        ulong looks = 0;
        foreach (var count in counts)
        {
            looks += count;
        }

        return new ListenerMark(listener.Identity, listener.Lost, looks, counts[^1], listener.Openings, listener.Drops);
    }
}
