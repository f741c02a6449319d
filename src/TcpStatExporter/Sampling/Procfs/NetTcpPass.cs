using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// Totals of the rows in tcp and tcp6 for sockets and listeners: one pass over the files serves both in a tick. Linux prints
/// listeners first, but gVisor prints sockets in creation order, so every row is read.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Stops a read early. Its result must not be published.</param>
internal sealed class NetTcpPass(NetNamespace net, CancellationToken stopping) : IDisposable
{
    private readonly NetTcpTables _tables = new(net, stopping);
    private ReadResult? _forListeners;

    /// <summary>The totals.</summary>
    public SocketTally Tally { get; } = new(hasLimit: false);

    /// <summary>Reads the files for the sockets.</summary>
    /// <returns>The errors of <see cref="NetTcpTables.Read"/>.</returns>
    public ReadResult ForSockets()
    {
        var result = Read();
        _forListeners = result;
        return result;
    }

    /// <summary>Returns, once, what was just read for the sockets. Otherwise reads the files.</summary>
    /// <returns>The errors of <see cref="NetTcpTables.Read"/>.</returns>
    public ReadResult ForListeners()
    {
        var result = _forListeners ?? Read();
        _forListeners = null;
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();

    private ReadResult Read()
    {
        Tally.Reset();
        return _tables.Read(new SocketTally.Visitor(Tally));
    }
}
