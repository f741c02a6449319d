using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Counters of <c>/proc/net/snmp</c>.</summary>
/// <param name="root">Root of procfs.</param>
/// <param name="buffer">Memory to read into, shared by the sources of one thread.</param>
internal sealed class SnmpSource(string root, ProcFileBuffer buffer) : ISource
{
    private readonly ProcFile _file = new(Path.Combine(root, "net/snmp"));

    /// <inheritdoc/>
    public SourceId Id => SourceId.Snmp;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var result = _file.Read(buffer);
        return result.IsOk ? Snmp.Parse(buffer.Content, snapshot.Snmp).ToReadResult() : result;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
