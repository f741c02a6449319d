using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Sockets by state from a dump that leaves out ESTABLISHED and TIME_WAIT, which snmp and sockstat tell. Where the two
/// ways to count either of them disagree, or the dump was interrupted twice, every socket is asked for.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="timeWait">Whether sockstat tells TIME_WAIT of this namespace.</param>
/// <param name="stopping">Ends a read before its time: what came of it may not be published.</param>
internal sealed class SockDiagSocketSource(NetNamespace net, TimeWaitCheck timeWait, CancellationToken stopping) : ISource
{
    private const string EstablishedCounter = "CurrEstab";

    private readonly SockDiagConnection _connection = new(net, stopping);
    private readonly SocketTally _tally = new(hasLimit: true);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sockets;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Netlink;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        _tally.Stuck.SetPortRange(snapshot[SourceId.Sysctl].IsOk ? snapshot.Sysctls[Sysctl.IpLocalPortRange] : default);
        var established = snapshot[SourceId.Snmp].IsOk ? snapshot.Snmp.IndexOf(EstablishedCounter) : -1;
        if (established >= 0 && snapshot[SourceId.Sockstat].IsOk && timeWait.Agrees)
        {
            var filtered = Dump(InetDiagRequest.Filtered);
            if (filtered.Status == SourceStatus.Failed)
            {
                return filtered;
            }

            var derived = StateDerivation.Derive(_tally, (long)snapshot.Snmp.Values[established], snapshot.Sockstat);
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

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private ReadResult Dump(in InetDiagRequest request)
    {
        var visitor = new SocketTally.Visitor(_tally);
        return _connection.Dump(request, visitor, static tally => tally.Reset(), _tally);
    }

    private void Publish(TcpSnapshot snapshot, in TcpStateCounts states)
    {
        snapshot.States = states;
        snapshot.CloseWaitUnaccepted = _tally.CloseWaitUnaccepted;
        _tally.SynQueues.CopyTo(snapshot.SynQueues);
        _tally.Stuck.SynSent.CopyTo(snapshot.SynSent);
        _tally.Stuck.CloseWait.CopyTo(snapshot.CloseWait);
    }
}
