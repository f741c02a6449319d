using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>tcp and tcp6 together. A host without IPv6 has no tcp6.</summary>
/// <param name="root">Root of procfs.</param>
internal sealed class NetTcpTables(string root) : IDisposable
{
    private readonly NetTcpFile _tcp = new(Path.Combine(root, "net/tcp"), IpFamily.IPv4);
    private readonly NetTcpFile _tcp6 = new(Path.Combine(root, "net/tcp6"), IpFamily.IPv6);

    /// <summary>Hands every row to a visitor; one that stops is asked again at the second table.</summary>
    /// <param name="visitor">Takes the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    public ReadResult Read<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var result = _tcp.Read(ref visitor);
        if (!result.IsOk)
        {
            return result;
        }

        result = _tcp6.Read(ref visitor);
        return result.Error == SourceError.NotFound ? ReadResult.Ok : result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tcp.Dispose();
        _tcp6.Dispose();
    }
}
