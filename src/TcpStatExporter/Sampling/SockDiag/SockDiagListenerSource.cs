using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>Listening sockets with limit, drops and owner. The kernel keeps them in a table of their own, so their number alone is the cost.</summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Ends a read before its time: what came of it may not be published.</param>
internal sealed class SockDiagListenerSource(NetNamespace net, CancellationToken stopping) : ISource
{
    private readonly SockDiagConnection _connection = new(net, stopping);
    private readonly SocketTally _tally = new(hasLimit: true);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Listeners;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Netlink;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var visitor = new SocketTally.Visitor(_tally);
        var result = _connection.Dump(InetDiagRequest.Listeners, visitor, static tally => tally.Reset(), _tally);
        if (result.Status != SourceStatus.Failed)
        {
            _tally.Listeners.CopyTo(snapshot.Listeners);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
