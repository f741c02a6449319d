using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// Packets dropped from the processors' backlogs, <c>/proc/net/softnet_stat</c>. Absent if the kernel does not print it.
/// </summary>
internal sealed class SoftnetSource : ISourceOf<HostFacts>
{
    private readonly ProcFile _softnet;
    private readonly ProcFileBuffer _buffer = new();

    /// <summary>Creates the source. Opens nothing yet.</summary>
    /// <param name="root">Root of procfs.</param>
    public SoftnetSource(string root) => _softnet = new ProcFile(Path.Combine(ProcNet.Folder(root), "softnet_stat"), isIterated: true);

    /// <inheritdoc/>
    public string Name => HostSourceId.Softnet.Name();

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(HostFacts sample)
    {
        var result = _softnet.Read(_buffer);
        if (result.IsOk)
        {
            result = SoftnetStat.Parse(_buffer.Content, ref sample.Machine.Softnet).ToReadResult();
        }

        sample.Machine.HasSoftnet = result.IsOk;
        return result.Error == SourceError.NotFound ? ReadResult.Absent : result;
    }

    /// <inheritdoc/>
    public void Dispose() => _softnet.Dispose();
}
