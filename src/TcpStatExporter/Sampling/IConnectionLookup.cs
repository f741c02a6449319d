using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Finds one connection without walking the kernel's table.</summary>
internal interface IConnectionLookup
{
    /// <summary>Finds a connection.</summary>
    /// <param name="id">The connection.</param>
    /// <param name="socket">What the kernel says of it, INET_DIAG_INFO included.</param>
    /// <returns>False where it is gone, or the kernel did not answer.</returns>
    bool TryFind(in TcpSocketId id, out TcpSocket socket);
}
