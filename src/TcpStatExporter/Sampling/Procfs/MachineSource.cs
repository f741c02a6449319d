using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// What advice needs to know of the machine: the size of its memory, and what its processors' packet backlogs dropped.
/// What is not there is absent, and what cannot be read is absent and counted: the rules that need it cannot tell then.
/// </summary>
internal sealed class MachineSource : ISource
{
    private readonly ProcFile _meminfo;
    private readonly ProcFile _softnet;
    private readonly ProcFileBuffer _buffer = new();

    /// <summary>Prepares to read; nothing is opened yet.</summary>
    /// <param name="root">Root of procfs.</param>
    public MachineSource(string root)
    {
        _meminfo = new ProcFile(Path.Combine(root, "meminfo"));
        _softnet = new ProcFile(Path.Combine(ProcNet.Folder(root), "softnet_stat"), isIterated: true);
    }

    /// <inheritdoc/>
    public SourceId Id => SourceId.Advisor;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var facts = default(MachineFacts);
        var memory = _meminfo.Read(_buffer);
        if (memory.IsOk)
        {
            memory = Meminfo.ParseTotal(_buffer.Content, out facts.MemoryBytes).ToReadResult();
        }

        var softnet = _softnet.Read(_buffer);
        if (softnet.IsOk)
        {
            softnet = SoftnetStat.Parse(_buffer.Content, ref facts.Softnet).ToReadResult();
            facts.HasSoftnet = softnet.IsOk;
        }

        snapshot.Machine = facts;
        return ReadResult.OkDespite(ErrorOf(memory) is var first and not SourceError.None ? first : ErrorOf(softnet));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meminfo.Dispose();
        _softnet.Dispose();
    }

    private static SourceError ErrorOf(ReadResult result) => result.Error == SourceError.NotFound ? SourceError.None : result.Error;
}
