using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Listening sockets: their rows come first, and reading stops at the first other one. procfs prints no limit, no drops and no owner.</summary>
/// <param name="root">Root of procfs.</param>
/// <param name="stopping">Ends a read before its time: what came of it may not be published.</param>
internal sealed class ProcfsListenerSource(string root, CancellationToken stopping) : ISource
{
    private readonly NetTcpTables _tables = new(root, stopping);
    private readonly SocketTally _tally = new(hasLimit: false);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Listeners;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        _tally.Reset();
        var visitor = new UntilOther(_tally);
        var result = _tables.Read(visitor);
        if (result.IsOk)
        {
            _tally.Listeners.CopyTo(snapshot.Listeners);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();

    private readonly struct UntilOther(SocketTally tally) : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket)
        {
            if (socket.State != TcpState.Listen)
            {
                return false;
            }

            tally.Add(socket);
            return true;
        }
    }
}
