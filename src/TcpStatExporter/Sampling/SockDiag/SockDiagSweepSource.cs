using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>Every socket, into a sweep.</summary>
/// <param name="tally">What is being filled.</param>
/// <param name="open">Opens a netlink socket in the namespace that is to be read.</param>
/// <param name="stopping">Ends a read before its time: what came of it may not be published.</param>
internal sealed class SockDiagSweepSource(SweepTally tally, NetlinkOpener open, CancellationToken stopping) : ISource
{
    private readonly SockDiagConnection _connection = new(open, stopping);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sweep;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Netlink;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var visitor = new SweepTally.Visitor(tally);
        return _connection.Dump(InetDiagRequest.Full, visitor, static tally => tally.Reset(), tally);
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
