using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>How far the counters of a listener had come at some time.</summary>
/// <param name="Identity">The listener: the same object as in every sample.</param>
/// <param name="Lost">What it had lost.</param>
/// <param name="Looks">How often its queue had been looked at.</param>
/// <param name="FullLooks">How often it was full then.</param>
/// <param name="Openings">How often it had begun to listen.</param>
/// <param name="Drops">Packets that it had discarded.</param>
internal readonly record struct ListenerMark(ListenerIdentity Identity, LossCounts Lost, ulong Looks, ulong FullLooks, ulong Openings, ulong Drops)
{
    /// <summary>Takes the counters of a listener.</summary>
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
