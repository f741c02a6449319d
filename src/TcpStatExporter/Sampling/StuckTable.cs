using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered from tick to tick of connections that wait for somebody: how long they spent in SYN_SENT and which
/// destinations do not answer, and who holds those in CLOSE_WAIT.
/// </summary>
internal sealed class StuckTable
{
    private const int MaxDestinations = 5;
    private const int MaxHolders = 10;

    private readonly HolderTable _synSent;
    private readonly HolderTable _closeWait;
    private double _seconds;
    private (TimeSpan At, long Count)? _last;

    /// <summary>Makes an empty table.</summary>
    /// <param name="unitOf">The unit behind a cgroup2 id; empty where unknown, null where it was not looked for yet.</param>
    public StuckTable(Func<ulong, string?> unitOf)
    {
        _synSent = new HolderTable(MaxDestinations, startsSettled: false, unitOf);

        // a leak is as old as its process: one look tells of it
        _closeWait = new HolderTable(MaxHolders, startsSettled: true, unitOf);
    }

    /// <summary>
    /// Takes a tick. The time in SYN_SENT is the mean of two counts times the time between them: ticks that were missed, or
    /// did not count the sockets, are bridged so. Where the sockets could not be read at one of them nobody knows, and nothing is added.
    /// </summary>
    /// <param name="sample">The tick's sample; receives what is known now.</param>
    /// <param name="now">Monotonic time.</param>
    public void Observe(NamespaceSample sample, TimeSpan now)
    {
        if (!sample.Status(SourceId.Sockets).IsOk)
        {
            _last = null;
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
}
