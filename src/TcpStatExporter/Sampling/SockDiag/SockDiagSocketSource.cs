using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Sockets by state, from a dump without ESTABLISHED and TIME_WAIT, which are derived from snmp and sockstat. If the two ways
/// to count one of these disagree, or if the dump was interrupted twice, all sockets are requested. If dumps are too
/// expensive for each tick, the states between two dumps are those of the last one, with the current ESTABLISHED and
/// TIME_WAIT.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="timeWait">Knows whether TIME_WAIT in sockstat is that of this namespace.</param>
/// <param name="stopping">Stops a read early. Its result must not be published.</param>
/// <param name="schedule">Decides when to do a dump. Owned by this object. Null: in each tick.</param>
internal sealed class SockDiagSocketSource(NetNamespace net, TimeWaitCheck timeWait, CancellationToken stopping, DumpSchedule? schedule = null) : ISource
{
    private readonly SockDiagConnection _connection = new(net, stopping);
    private readonly SocketTally _tally = new(hasLimit: true);
    private bool _isCounted;

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sockets;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Netlink;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        if (schedule?.IsDue(snapshot, mustCount: !_isCounted) == false)
        {
            Update(snapshot);
            return ReadResult.Ok;
        }

        var result = Count(snapshot);
        _isCounted = result.IsOk;
        schedule?.Counted(snapshot, _isCounted);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        schedule?.Dispose();
    }

    private ReadResult Count(TcpSnapshot snapshot)
    {
        _tally.Stuck.SetPortRange(snapshot[SourceId.Sysctl].IsOk ? snapshot.Sysctls[Sysctl.IpLocalPortRange] : default);
        if (DumpSchedule.CurrEstab(snapshot) is { } established && snapshot[SourceId.Sockstat].IsOk && timeWait.Agrees)
        {
            var filtered = Dump(InetDiagRequest.Filtered);
            if (filtered.Status == SourceStatus.Failed)
            {
                return filtered;
            }

            var derived = StateDerivation.Derive(_tally, established, snapshot.Sockstat);
            if (derived.Holds && filtered.Error == SourceError.None)
            {
                Publish(snapshot, derived.States);
                return filtered;
            }
        }

        var full = Dump(InetDiagRequest.Full);
        if (full.Status != SourceStatus.Failed)
        {
            Publish(snapshot, _tally.States);
        }

        return full;
    }

    private ReadResult Dump(in InetDiagRequest request)
    {
        var visitor = new SocketTally.Visitor(_tally);
        return _connection.Dump(request, visitor, static tally => tally.Reset(), _tally);
    }

    private void Publish(TcpSnapshot snapshot, in TcpStateCounts states)
    {
        snapshot.States = states;
        snapshot.AreStatesOld = false;
        snapshot.CloseWaitUnaccepted = _tally.CloseWaitUnaccepted;
        _tally.SynQueues.CopyTo(snapshot.SynQueues);
        _tally.Stuck.SynSent.CopyTo(snapshot.SynSent);
        _tally.Stuck.CloseWait.CopyTo(snapshot.CloseWait);
    }

    /// <summary>
    /// Applies the current values from procfs: CurrEstab minus CLOSE_WAIT, and tw minus the minisockets in FIN_WAIT2, both
    /// from their last count.
    /// </summary>
    private void Update(TcpSnapshot snapshot)
    {
        snapshot.AreStatesOld = true;
        if (DumpSchedule.CurrEstab(snapshot) is { } established)
        {
            snapshot.States[TcpState.Established] = Math.Max(0, established - snapshot.States[TcpState.CloseWait]);
        }

        if (snapshot[SourceId.Sockstat].IsOk && timeWait.Agrees)
        {
            snapshot.States[TcpState.TimeWait] = Math.Max(0, snapshot.Sockstat.TcpTimeWait - _tally.FinWait2Minisockets);
        }
    }
}
