using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Sockets by state, by reading every row of tcp and tcp6: dear on a busy host, and the only way where netlink is refused.</summary>
/// <param name="root">Root of procfs.</param>
/// <param name="stopping">Ends a read before its time: what came of it may not be published.</param>
internal sealed class ProcfsSocketSource(string root, CancellationToken stopping) : ISource
{
    private readonly NetTcpTables _tables = new(root, stopping);
    private readonly SocketTally _tally = new(hasLimit: false);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sockets;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        _tally.Reset();
        _tally.Stuck.SetPortRange(snapshot[SourceId.Sysctl].IsOk ? snapshot.Sysctls[Sysctl.IpLocalPortRange] : default);
        var visitor = new SocketTally.Visitor(_tally);
        var result = _tables.Read(visitor);
        if (result.IsOk)
        {
            snapshot.States = _tally.States;
            snapshot.CloseWaitUnaccepted = _tally.CloseWaitUnaccepted;
            _tally.SynQueues.CopyTo(snapshot.SynQueues);
            _tally.Stuck.SynSent.CopyTo(snapshot.SynSent);
            _tally.Stuck.CloseWait.CopyTo(snapshot.CloseWait);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();
}
