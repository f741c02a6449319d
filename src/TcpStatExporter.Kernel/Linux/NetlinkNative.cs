using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The system calls of <see cref="NetlinkTransport"/> and their constants, which are those of every architecture .NET runs on.</summary>
internal static partial class NetlinkNative
{
    public const int AddressFamilyNetlink = 16;
    public const int SocketRaw = 3;
    public const int SocketCloseOnExec = 0x80000;
    public const int NetlinkSockDiag = 4;

    public const int MessageTruncated = 0x20;
    public const int MessageDontWait = 0x40;
    public const short PollIn = 1;

    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOSYS = 38;
    public const int EPROTONOSUPPORT = 93;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int ENOBUFS = 105;

    /// <summary>
    /// A new socket. The call returns an int: read as the pointer that a handle is, its upper half is whatever was in the
    /// register, and −1 need not be −1.
    /// </summary>
    public static SocketHandle Socket(int family, int type, int protocol)
    {
        var socket = new SocketHandle();
        Marshal.InitHandle(socket, OpenSocket(family, type, protocol));
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SocketHandle socket, in SockAddrNl address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSockName(SocketHandle socket, ref SockAddrNl address, ref uint length);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(SocketHandle socket, ReadOnlySpan<byte> buffer, nint length, int flags, in SockAddrNl address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(SocketHandle socket, Span<byte> buffer, nint length, int flags, ref SockAddrNl address, ref uint addressLength);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollFd descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    /// <summary><c>struct sockaddr_nl</c>, include/uapi/linux/netlink.h. Port 0 is the kernel.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SockAddrNl
    {
        public const int Size = 12;

        public ushort Family;
        public ushort Padding;
        public uint PortId;
        public uint Groups;
    }

    /// <summary><c>struct pollfd</c>, include/uapi/asm-generic/poll.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short ReturnedEvents;
    }

    /// <summary>A socket's descriptor.</summary>
    public sealed class SocketHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => CloseDescriptor((int)handle) == 0;
    }
}
