using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// A name with series of its own. It outlives its network namespaces: if one comes back, its series continue.
/// </summary>
/// <param name="identity">The name.</param>
/// <param name="store">Where its samples are published.</param>
/// <param name="hold">How long its counters are first shown as 0.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchedNetns(NetnsIdentity identity, SampleStore store, TimeSpan hold, TimeProvider time)
{
    private TimeSpan? _shownAt;
    private TimeSpan? _listenersShownAt;

    /// <summary>The name.</summary>
    public NetnsIdentity Identity => identity;

    /// <summary>Where its samples are published.</summary>
    public SampleStore Store => store;

    /// <summary>
    /// Call this when a page shows the name. Returns true while its counters have to be shown as 0. A rate needs a sample from
    /// before the first increment, so the first scrape sees 0, and so do all others for a while. Pages are created one at a time.
    /// </summary>
    public bool ShowHeld() => Show(ref _shownAt);

    /// <summary>The same for counters of its listeners, which may be read later.</summary>
    public bool ShowListenersHeld() => Show(ref _listenersShownAt);

    private bool Show(ref TimeSpan? shownAt)
    {
        var now = time.GetElapsedTime(0);
        var isFirst = shownAt is null;
        shownAt ??= now;
        return isFirst || now - shownAt < hold;
    }
}
