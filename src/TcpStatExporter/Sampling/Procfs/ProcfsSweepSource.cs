using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>All sockets, for a sweep.</summary>
/// <param name="net">The network namespace.</param>
/// <param name="tally">The tally to fill.</param>
/// <param name="stopping">Stops a read early. Its result must not be published.</param>
internal sealed class ProcfsSweepSource(NetNamespace net, SweepTally tally, CancellationToken stopping) : ISource
{
    private readonly NetTcpTables _tables = new(net, stopping);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sweep;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var visitor = new SweepTally.Visitor(tally);
        return _tables.Read(visitor);
    }

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();
}
