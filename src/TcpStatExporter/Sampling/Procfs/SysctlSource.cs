using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// Kernel parameters, one file each. Not every kernel or namespace has all of them. A missing one is absent. One that cannot
/// be read is absent, counted and logged. The source fails only if there are none at all.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="buffer">Buffer to read into, shared by the sources of one thread.</param>
/// <param name="logger">Logs when a file cannot be read while others can, and when it is back.</param>
internal sealed partial class SysctlSource(NetNamespace net, ProcFileBuffer buffer, ILogger logger) : ISource
{
    private readonly SourceError[] _errors = new SourceError[SysctlExtensions.All.Count];
    private readonly SourceError[] _logged = new SourceError[SysctlExtensions.All.Count];
    private readonly ProcFile[] _files = [.. SysctlExtensions.All.Select(sysctl => net.Parameter(sysctl.Path()))];

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
            _errors[i] = result.Error == SourceError.NotFound ? SourceError.None : result.Error;
            if (result.IsOk)
            {
                isAnyThere = true;
            }
            else
            {
                Clear((Sysctl)i, snapshot.Sysctls);
                trouble = _errors[i] == SourceError.None ? trouble : _errors[i];
            }
        }

        if (!isAnyThere)
        {
            return ReadResult.Failed(trouble == SourceError.None ? SourceError.NotFound : trouble);
        }

        LogChanges();
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

    private static void Clear(Sysctl sysctl, SysctlTable table)
    {
        table[sysctl] = default;
        if (sysctl == Sysctl.IpLocalReservedPorts)
        {
            table.ReservedPorts.Clear();
        }
    }

    private void LogChanges()
    {
        for (var i = 0; i < _errors.Length; i++)
        {
            if (_errors[i] == _logged[i])
            {
                continue;
            }

            _logged[i] = _errors[i];
            if (_errors[i] == SourceError.None)
            {
                LogBack(logger, _files[i].Path);
            }
            else
            {
                LogFailed(logger, _files[i].Path, _errors[i].Name());
            }
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} cannot be read: {Reason}. The parameter is absent until it can be read again.")]
    private static partial void LogFailed(ILogger logger, string path, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} can be read again.")]
    private static partial void LogBack(ILogger logger, string path);
}
