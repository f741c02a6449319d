using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>A name of network namespaces that has series of its own. It outlives the namespaces: one that comes back goes on.</summary>
/// <param name="identity">The name.</param>
/// <param name="store">Where its samples are published.</param>
internal sealed class WatchedNetns(NetnsIdentity identity, SampleStore store)
{
    private TimeSpan? _shownAt;

    /// <summary>The name.</summary>
    public NetnsIdentity Identity => identity;

    /// <summary>Where its samples are published.</summary>
    public SampleStore Store => store;

    /// <summary>
    /// Whether its counters are still shown as 0. A rate needs the sample before the first increment: whoever scrapes first sees
    /// a 0, and so does everybody else until <paramref name="hold"/> is over. Called once for each page.
    /// </summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="hold">How long.</param>
    public bool IsHeld(TimeSpan now, TimeSpan hold)
    {
        _shownAt ??= now;
        return now == _shownAt || now - _shownAt < hold;
    }
}
