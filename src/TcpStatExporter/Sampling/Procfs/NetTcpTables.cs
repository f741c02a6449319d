using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>tcp and tcp6 together. A host without IPv6 has no tcp6.</summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Ends a read before its time, as if it were complete: nothing that it brought may be published.</param>
internal sealed class NetTcpTables(NetNamespace net, CancellationToken stopping) : IDisposable
{
    private readonly NetTcpFile _tcp = net.Sockets(IpFamily.IPv4);
    private readonly NetTcpFile _tcp6 = net.Sockets(IpFamily.IPv6);

    /// <summary>Hands every row to a visitor; one that stops is asked again at the second table.</summary>
    /// <param name="visitor">Takes the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined; it keeps what it takes elsewhere.</typeparam>
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
