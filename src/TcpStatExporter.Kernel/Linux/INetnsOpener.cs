using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>Opens sockets in the network namespaces of other processes. Not thread-safe.</summary>
public interface INetnsOpener : IDisposable
{
    /// <summary>Opens a NETLINK_SOCK_DIAG socket in the network namespace of a process.</summary>
    /// <param name="process">A pidfd of the process.</param>
    /// <param name="buffer">The buffer of the socket. See <see cref="NetlinkSocket.CreateBuffer"/>.</param>
    /// <param name="socket">The socket. It keeps the namespace alive until it is disposed.</param>
    /// <param name="errno">The kernel's error, or 0 if there was none.</param>
    OpenerFault TryOpen(SafeHandle process, byte[] buffer, out NetlinkSocket? socket, out int errno);

    /// <summary>Ends a series of calls. The next call may take longer.</summary>
    void Rest();
}
