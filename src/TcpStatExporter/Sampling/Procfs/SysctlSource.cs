using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// Kernel parameters, a file each. Not every kernel or namespace has all of them: one that is not there is absent, one
/// that cannot be read is absent and counted, and the source fails only where there is none at all.
/// </summary>
/// <param name="root">Root of procfs.</param>
/// <param name="buffer">Memory to read into, shared by the sources of one thread.</param>
internal sealed class SysctlSource(string root, ProcFileBuffer buffer) : ISource
{
    private readonly ProcFile[] _files = [.. SysctlExtensions.All.Select(sysctl => new ProcFile(Path.Combine(root, "sys", sysctl.Path())))];

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sysctl;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var isAnyThere = false;
        var trouble = SourceError.None;
        for (var i = 0; i < _files.Length; i++)
        {
            var result = ReadOne((Sysctl)i, snapshot.Sysctls);
            if (result.IsOk)
            {
                isAnyThere = true;
            }
            else
            {
                snapshot.Sysctls[(Sysctl)i] = default;
                trouble = result.Error == SourceError.NotFound ? trouble : result.Error;
            }
        }

        if (!isAnyThere)
        {
            return ReadResult.Failed(trouble == SourceError.None ? SourceError.NotFound : trouble);
        }

        return trouble == SourceError.None ? ReadResult.Ok : ReadResult.OkDespite(trouble);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private ReadResult ReadOne(Sysctl sysctl, SysctlTable table)
    {
        var result = _files[(int)sysctl].Read(buffer);
        if (!result.IsOk)
        {
            return result;
        }

        if (sysctl != Sysctl.IpLocalReservedPorts)
        {
            return SysctlNumbers.Parse(buffer.Content, ref table[sysctl]).ToReadResult();
        }

        result = SysctlPorts.Parse(buffer.Content, table.ReservedPorts).ToReadResult();
        table[sysctl] = new SysctlValue { Count = 1, First = table.ReservedPorts.Count };
        return result;
    }
}
