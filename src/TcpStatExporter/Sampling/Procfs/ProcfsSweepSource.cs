using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Every socket, into a sweep.</summary>
/// <param name="root">Root of procfs.</param>
/// <param name="tally">What is being filled.</param>
internal sealed class ProcfsSweepSource(string root, SweepTally tally) : ISource
{
    private readonly NetTcpTables _tables = new(root);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sweep;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var visitor = new SweepTally.Visitor(tally);
        return _tables.Read(ref visitor);
    }

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();
}
