using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered from tick to tick about connections that wait for somebody: the time spent in SYN_SENT, the
/// destinations that do not answer, and the owners of connections in CLOSE_WAIT.
/// </summary>
internal sealed class StuckTable
{
    private const int MaxDestinations = 5;
    private const int MaxHolders = 10;

    private readonly HolderTable _synSent;
    private readonly HolderTable _closeWait;
    private double _seconds;
    private (TimeSpan At, long Count)? _last;

    /// <summary>Creates an empty table.</summary>
    /// <param name="unitOf">Returns the unit for a cgroup2 id. Empty if unknown, null if not looked up yet.</param>
    public StuckTable(Func<ulong, string?> unitOf)
    {
        _synSent = new HolderTable(MaxDestinations, startsSettled: false, unitOf);

        // a leak is as old as its process, so one read is enough to name it
        _closeWait = new HolderTable(MaxHolders, startsSettled: true, unitOf);
    }

    /// <summary>
    /// Adds a tick. The time in SYN_SENT is the average of two counts multiplied by the time between them. This also covers
    /// ticks that were missed or did not count the sockets. If the sockets could not be read at one of the two, the time is
    /// unknown and nothing is added.
    /// </summary>
    /// <param name="sample">The tick's sample. Receives the current results.</param>
    /// <param name="now">Monotonic time.</param>
    public void Observe(NamespaceSample sample, TimeSpan now)
    {
        if (!sample.Status(SourceId.Sockets).IsOk)
        {
            Miss();
            return;
        }

        if (sample.Kernel.AreStatesOld)
        {
            return;
        }

        var count = sample.Kernel.States[TcpState.SynSent];
        if (_last is { } last)
        {
            _seconds += (last.Count + count) / 2.0 * (now - last.At).TotalSeconds;
        }

        _last = (now, count);
        _synSent.Observe(sample.Kernel.SynSent.Span, now);
        _closeWait.Observe(sample.Kernel.CloseWait.Span, now);
        sample.SynSentSeconds = _seconds;
        _synSent.CopyTo(sample.SynSentDestinations);
        _closeWait.CopyTo(sample.CloseWaitHolders);
    }

    /// <summary>The sockets were not counted. The time in SYN_SENT until the next count is unknown.</summary>
    public void Miss() => _last = null;
}
