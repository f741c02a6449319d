using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Values of <c>/proc/net/sockstat</c> and <c>sockstat6</c>. A host without IPv6 has no sockstat6.</summary>
/// <param name="net">The network namespace.</param>
/// <param name="buffer">Buffer to read into, shared by the sources of one thread.</param>
internal sealed class SockstatSource(NetNamespace net, ProcFileBuffer buffer) : ISource
{
    private readonly ProcFile _sockstat = net.File("sockstat");
    private readonly ProcFile _sockstat6 = net.File("sockstat6");

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sockstat;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var result = _sockstat.Read(buffer);
        if (!result.IsOk)
        {
            return result;
        }

        var counts = default(SockstatCounts);
        result = Sockstat.Parse(buffer.Content, ref counts, out snapshot.HostSockets).ToReadResult();
        if (result.IsOk)
        {
            result = ReadIPv6(ref counts);
        }

        snapshot.Sockstat = counts;
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sockstat.Dispose();
        _sockstat6.Dispose();
    }

    private ReadResult ReadIPv6(ref SockstatCounts counts)
    {
        var result = _sockstat6.Read(buffer);
        if (result.Error == SourceError.NotFound)
        {
            return ReadResult.Ok;
        }

        return result.IsOk ? Sockstat6.Parse(buffer.Content, ref counts).ToReadResult() : result;
    }
}
