using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>tcp and tcp6 together. A host without IPv6 has no tcp6.</summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Stops a read early, as if it were complete. Its result must not be published.</param>
internal sealed class NetTcpTables(NetNamespace net, CancellationToken stopping) : IDisposable
{
    private readonly NetTcpFile _tcp = net.Sockets(IpFamily.IPv4);
    private readonly NetTcpFile _tcp6 = net.Sockets(IpFamily.IPv6);

    /// <summary>Passes every row to a visitor. If the visitor stops, it is still called for the second table.</summary>
    /// <param name="visitor">Receives the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so the call is inlined. It stores its data elsewhere.</typeparam>
    public ReadResult Read<TVisitor>(TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var stoppable = new Stoppable<TVisitor>(visitor, stopping);
        var result = _tcp.Read(ref stoppable);
        if (!result.IsOk)
        {
            return result;
        }

        result = _tcp6.Read(ref stoppable);
        return result.Error == SourceError.NotFound ? ReadResult.Ok : result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tcp.Dispose();
        _tcp6.Dispose();
    }
}
