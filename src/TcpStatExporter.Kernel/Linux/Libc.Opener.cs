using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The calls of the opener and of its client. They take plain descriptors, and none of them allocates.</summary>
internal static unsafe partial class Libc
{
    /// <summary>SOL_SOCKET (asm-generic/socket.h).</summary>
    public const int SocketLevel = 1;

    /// <summary>SO_PEERCRED.</summary>
    public const int SocketPeerCredentials = 17;

    /// <summary>SCM_RIGHTS (linux/socket.h).</summary>
    public const int ControlRights = 1;

    /// <summary>MSG_CTRUNC.</summary>
    public const int MessageControlTruncated = 0x8;

    /// <summary>MSG_NOSIGNAL.</summary>
    public const int MessageNoSignal = 0x4000;

    /// <summary>MSG_CMSG_CLOEXEC.</summary>
    public const int MessageCloseOnExec = 0x40000000;

    /// <summary>AT_EMPTY_PATH (linux/fcntl.h).</summary>
    public const int AtEmptyPath = 0x1000;

    /// <summary>Number of pidfd_send_signal(2), the same on every architecture.</summary>
    public const long PidfdSendSignalNumber = 424;

    /// <summary>geteuid(2).</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>recvmsg(2).</summary>
    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int socket, Message* message, int flags);

    /// <summary>sendmsg(2).</summary>
    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int socket, Message* message, int flags);

    /// <summary>getsockopt(2) with SO_PEERCRED.</summary>
    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetCredentials(int socket, int level, int name, out Credentials value, ref uint length);

    /// <summary>pidfd_send_signal(2) by syscall(2).</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial long PidfdSendSignal(long number, long pidfd, long signal, nint info, long flags);

    /// <summary>setns(2).</summary>
    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(int descriptor, int type);

    /// <summary>socket(2).</summary>
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int SocketDescriptor(int family, int type, int protocol);

    /// <summary><c>struct ucred</c>, include/linux/socket.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Credentials
    {
        public const uint Size = 12;

        public int Process;
        public uint User;
        public uint Group;
    }

    /// <summary><c>struct iovec</c>, include/uapi/linux/uio.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c>, include/linux/socket.h, on a 64-bit kernel.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>
    /// A control message with descriptors: <c>struct cmsghdr</c> and the room that CMSG_SPACE() has for one. That is room for
    /// two. The kernel closes those that do not fit, and sets MSG_CTRUNC.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Rights
    {
        /// <summary>CMSG_LEN() without a descriptor.</summary>
        public const int HeaderSize = 16;

        public nuint Length;
        public int Level;
        public int Type;
        public Pair Descriptors;

        [InlineArray(2)]
        public struct Pair
        {
            private int _first;
        }
    }
}
