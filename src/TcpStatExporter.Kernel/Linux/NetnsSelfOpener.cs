using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Opens sockets by entering the network namespaces itself, for a program that runs as root. The calling thread is back in its
/// own namespace when a call returns.
/// </summary>
public sealed class NetnsSelfOpener : INetnsOpener
{
    /// <summary>True if this process may enter network namespaces (CAP_SYS_ADMIN).</summary>
    public static bool IsAllowed => NetNamespace.MayEnter;

    /// <inheritdoc/>
    public OpenerFault TryOpen(SafeHandle process, byte[] buffer, out NetlinkSocket? socket, out int errno)
    {
        ArgumentNullException.ThrowIfNull(process);
        socket = null;

        // allocated before: a thread that the runtime starts in there would stay in there
        var descriptor = new Libc.SocketHandle();
        if (!NetNamespace.TryEnter(process, out var visit))
        {
            errno = Marshal.GetLastPInvokeError();
            return OpenerFault.Refused;
        }

        using (visit)
        {
            errno = Libc.Open(descriptor, Libc.AddressFamilyNetlink, Libc.SocketRaw | Libc.SocketCloseOnExec, Libc.NetlinkSockDiag);
        }

        socket = errno == 0 ? NetlinkSocket.Adopt(descriptor, buffer, out errno) : null;
        return socket is null ? OpenerFault.Refused : OpenerFault.None;
    }

    /// <inheritdoc/>
    public void Rest()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
