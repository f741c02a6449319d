using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Finds one connection without walking the kernel's table.</summary>
internal interface IConnectionLookup
{
    /// <summary>Finds a connection.</summary>
    /// <param name="id">The connection.</param>
    /// <param name="socket">The kernel's answer, including INET_DIAG_INFO.</param>
    /// <returns>False if it is gone, or if the kernel did not answer.</returns>
    bool TryFind(in TcpSocketId id, out TcpSocket socket);
}
