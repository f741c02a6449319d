using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// The rows of tcp and tcp6, added up for the sockets and for the listeners: one pass over the files serves both in a tick.
/// Linux prints the listeners first and gVisor the sockets in the order in which they were made, so every row is read.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Ends a read before its time: what came of it may not be published.</param>
internal sealed class NetTcpPass(NetNamespace net, CancellationToken stopping) : IDisposable
{
    private readonly NetTcpTables _tables = new(net, stopping);
    private ReadResult? _forListeners;

    /// <summary>What the rows add up to.</summary>
    public SocketTally Tally { get; } = new(hasLimit: false);

    /// <summary>Reads the files for the sockets.</summary>
    /// <returns>The errors of <see cref="NetTcpTables.Read"/>.</returns>
    public ReadResult ForSockets()
    {
        var result = Read();
        _forListeners = result;
        return result;
    }

    /// <summary>What the sockets were read from just now, once; else reads the files.</summary>
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
