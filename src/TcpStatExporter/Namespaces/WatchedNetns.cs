using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>A name of network namespaces that has series of its own. It outlives the namespaces: one that comes back goes on.</summary>
/// <param name="identity">The name.</param>
/// <param name="store">Where its samples are published.</param>
/// <param name="hold">How long its counters are shown as 0 at first.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchedNetns(NetnsIdentity identity, SampleStore store, TimeSpan hold, TimeProvider time)
{
    private TimeSpan? _shownAt;

    /// <summary>The name.</summary>
    public NetnsIdentity Identity => identity;

    /// <summary>Where its samples are published.</summary>
    public SampleStore Store => store;

    /// <summary>
    /// Tells that a page shows it now, and whether its counters are still to be shown as 0. A rate needs the sample before the
    /// first increment: whoever scrapes first sees a 0, and so does everybody else for a while. Pages are made one at a time.
    /// </summary>
    public bool ShowHeld()
    {
        var now = time.GetElapsedTime(0);
        var isFirst = _shownAt is null;
        _shownAt ??= now;
        return isFirst || now - _shownAt < hold;
    }
}
