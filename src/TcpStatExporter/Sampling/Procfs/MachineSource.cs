using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// What advice needs to know about the machine: the size of its memory. A missing file is absent. A file that cannot be read
/// is absent and counted as an error, and then the rules that need it cannot be checked.
/// </summary>
internal sealed class MachineSource : ISourceOf<HostFacts>
{
    private readonly ProcFile _meminfo;
    private readonly ProcFileBuffer _buffer = new();

    /// <summary>Creates the source. Opens nothing yet.</summary>
    /// <param name="root">Root of procfs.</param>
    public MachineSource(string root) => _meminfo = new ProcFile(Path.Combine(root, "meminfo"));

    /// <inheritdoc/>
    public string Name => HostSourceId.Machine.Name();

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(HostFacts sample)
    {
        var bytes = 0L;
        var memory = _meminfo.Read(_buffer);
        if (memory.IsOk)
        {
            memory = Meminfo.ParseTotal(_buffer.Content, out bytes).ToReadResult();
        }

        sample.Machine.MemoryBytes = memory.IsOk ? bytes : 0;
        return ReadResult.OkDespite(memory.Error == SourceError.NotFound ? SourceError.None : memory.Error);
    }

    /// <inheritdoc/>
    public void Dispose() => _meminfo.Dispose();
}
