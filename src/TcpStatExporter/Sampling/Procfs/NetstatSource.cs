using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Counters of <c>/proc/net/netstat</c>: the group TcpExt and, with MPTCP, MPTcpExt.</summary>
/// <param name="net">The network namespace.</param>
/// <param name="buffer">Buffer to read into, shared by the sources of one thread.</param>
internal sealed class NetstatSource(NetNamespace net, ProcFileBuffer buffer) : ISource
{
    private readonly ProcFile _file = net.File("netstat");

    /// <inheritdoc/>
    public SourceId Id => SourceId.Netstat;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var result = _file.Read(buffer);
        if (!result.IsOk)
        {
            return result;
        }

        var error = Kernel.Procfs.Netstat.Parse(buffer.Content, snapshot.Netstat);
        return error.IsNone
            ? ReadResult.OkDespite(Kernel.Procfs.Netstat.ParseMptcp(buffer.Content, snapshot.Mptcp).Kind)
            : error.ToReadResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
