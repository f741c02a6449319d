using System.Runtime.InteropServices;
using static TcpStatExporter.Kernel.Linux.Libc;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>A NETLINK_SOCK_DIAG socket.</summary>
internal sealed class NetlinkTransport : INetlinkTransport
{
    private readonly SocketHandle _socket;

    private NetlinkTransport(SocketHandle socket, uint portId)
    {
        _socket = socket;
        PortId = portId;
    }

    /// <inheritdoc/>
    public uint PortId { get; }

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <returns>0, or an errno.</returns>
    public static int Open(out NetlinkTransport? transport)
    {
        transport = null;
        var socket = Socket(AddressFamilyNetlink, SocketRaw | SocketCloseOnExec, NetlinkSockDiag);
        var errno = socket.IsInvalid ? Marshal.GetLastPInvokeError() : TryBind(socket, out transport);
        if (transport is null)
        {
            socket.Dispose();
        }

        return errno;
    }

    /// <summary>Takes a socket over that somebody else has opened, if it is a NETLINK_SOCK_DIAG socket.</summary>
    /// <param name="socket">The socket. Disposed if it cannot be used.</param>
    /// <param name="transport">The transport. It owns the socket.</param>
    /// <returns>0, or an errno.</returns>
    public static int Adopt(SocketHandle socket, out NetlinkTransport? transport)
    {
        transport = null;
        var errno = Errno.EPROTONOSUPPORT;
        if (Option(socket, SocketDomain) == AddressFamilyNetlink && Option(socket, SocketProtocol) == NetlinkSockDiag)
        {
            errno = TryBind(socket, out transport);
        }

        if (transport is null)
        {
            socket.Dispose();
        }

        return errno;
    }

    /// <summary>Returns a number that identifies the network namespace of this socket. 0 if the kernel does not tell.</summary>
    public ulong ReadNetnsCookie() => Option(_socket, SocketNetnsCookie) ?? 0;

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<byte> message)
    {
        var kernel = new SockAddrNl { Family = AddressFamilyNetlink };
        return SendTo(_socket, message, message.Length, flags: 0, in kernel, SockAddrNl.Size) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <inheritdoc/>
    public int Receive(Span<byte> buffer, out int length, out uint sender)
    {
        var address = default(SockAddrNl);
        uint addressLength = SockAddrNl.Size;
        length = (int)ReceiveFrom(_socket, buffer, buffer.Length, MessageDontWait | MessageTruncated, ref address, ref addressLength);
        sender = address.PortId;
        return length < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        var taken = false;
        try
        {
            _socket.DangerousAddRef(ref taken);
            var poll = new PollFd { Descriptor = (int)_socket.DangerousGetHandle(), Events = PollIn };
            _ = Poll(ref poll, 1, (int)Math.Ceiling(Math.Min(timeout.TotalMilliseconds, int.MaxValue)));
        }
        finally
        {
            if (taken)
            {
                _socket.DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static int TryBind(SocketHandle socket, out NetlinkTransport? transport)
    {
        transport = null;
        var address = new SockAddrNl { Family = AddressFamilyNetlink };
        uint length = SockAddrNl.Size;
        if (Bind(socket, in address, length) != 0 || GetSockName(socket, ref address, ref length) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        transport = new NetlinkTransport(socket, address.PortId);
        return 0;
    }

    private static ulong? Option(SocketHandle socket, int option)
    {
        var value = 0UL;
        uint length = sizeof(ulong);
        return GetSocketNumber(socket, Libc.SocketLevel, option, ref value, ref length) != 0 ? null
            : length == sizeof(ulong) || BitConverter.IsLittleEndian ? value
            : value >> 32;
    }
}
