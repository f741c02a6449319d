using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>Every socket, into a sweep.</summary>
/// <param name="tally">What is being filled.</param>
internal sealed class SockDiagSweepSource(SweepTally tally) : ISource
{
    private readonly SockDiagConnection _connection = new();

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sweep;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Netlink;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var visitor = new SweepTally.Visitor(tally);
        return _connection.Dump(InetDiagRequest.Full, ref visitor, static tally => tally.Reset(), tally);
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
