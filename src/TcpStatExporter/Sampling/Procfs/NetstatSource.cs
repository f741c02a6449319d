using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Counters of <c>/proc/net/netstat</c>.</summary>
/// <param name="root">Root of procfs.</param>
/// <param name="buffer">Memory to read into, shared by the sources of one thread.</param>
internal sealed class NetstatSource(string root, ProcFileBuffer buffer) : ISource
{
    private readonly ProcFile _file = new(Path.Combine(root, "net/netstat"));

    /// <inheritdoc/>
    public SourceId Id => SourceId.Netstat;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var result = _file.Read(buffer);
        return result.IsOk ? Netstat.Parse(buffer.Content, snapshot.Netstat).ToReadResult() : result;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
