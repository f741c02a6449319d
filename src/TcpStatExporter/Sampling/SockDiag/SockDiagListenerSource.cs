using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Listening sockets with limit, drops and owner. The kernel keeps them in a separate table, so the cost depends only on
/// their number.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Stops a read early. Its result must not be published.</param>
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
