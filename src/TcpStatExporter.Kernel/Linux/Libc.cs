using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// The C library calls needed to read the kernel. glibc 2.28 and musl 1.1.24 or later have all of them, on 64-bit Linux. The
/// numbers are those of include/uapi, the same on every architecture that .NET supports. For errors, see <see cref="Errno"/>.
/// </summary>
internal static unsafe partial class Libc
{
    /// <summary>O_RDONLY | O_CLOEXEC | O_NONBLOCK. Without O_NONBLOCK, a path that names a FIFO would hang the daemon.</summary>
    public const int OpenFlags = 0x80000 | 0x800;

    /// <summary>O_PATH | O_CLOEXEC (asm-generic/fcntl.h): a place in the tree, with nothing opened there.</summary>
    public const int OpenPathFlags = 0x200000 | 0x80000;

    /// <summary>EPOLL_CLOEXEC (linux/eventpoll.h).</summary>
    public const int EpollCloseOnExec = 0x80000;

    /// <summary>EPOLL_CTL_ADD.</summary>
    public const int EpollAdd = 1;

    /// <summary>EPOLLIN.</summary>
    public const uint EpollIn = 1;

    /// <summary>Number of pidfd_open(2), the same on every architecture. The C libraries' own wrapper is too young.</summary>
    public const long PidfdOpenNumber = 434;

    /// <summary>f_type of procfs (linux/magic.h).</summary>
    public const long ProcSuperMagic = 0x9fa0;

    /// <summary>CLONE_NEWNET (linux/sched.h).</summary>
    public const int CloneNewNet = 0x40000000;

    /// <summary>AT_FDCWD (linux/fcntl.h).</summary>
    public const int AtCurrentDirectory = -100;

    /// <summary>STATX_SIZE (linux/stat.h).</summary>
    public const uint StatxSize = 0x200;

    /// <summary>STATX_BASIC_STATS (linux/stat.h).</summary>
    public const uint StatxBasic = 0x7ff;

    /// <summary>open(2).</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    /// <summary>close(2).</summary>
    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    /// <summary>pread(2).</summary>
    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(SafeHandle descriptor, byte* buffer, nuint count, long offset);

    /// <summary>fstatfs(2).</summary>
    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int FileSystem(SafeHandle descriptor, out FileSystemInfo info);

    /// <summary>statx(2).</summary>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, out FileInfo info);

    /// <summary>statx(2) with a path that ends with a zero byte.</summary>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(int directory, ReadOnlySpan<byte> path, int flags, uint mask, out FileInfo info);

    /// <summary>pidfd_open(2) by syscall(2).</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial long PidfdOpen(long number, long pid, long flags);

    /// <summary>epoll_create1(2).</summary>
    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    /// <summary>epoll_ctl(2); the event is a struct epoll_event.</summary>
    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(SafeHandle epoll, int operation, int descriptor, ReadOnlySpan<byte> descriptorEvent);

    /// <summary>epoll_wait(2).</summary>
    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(SafeHandle epoll, Span<byte> events, int count, int milliseconds);

    /// <summary>opendir(3).</summary>
    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OpenDirectory(string path);

    /// <summary>readdir(3).</summary>
    [LibraryImport("libc", EntryPoint = "readdir")]
    public static partial nint ReadDirectory(nint directory);

    /// <summary>closedir(3).</summary>
    [LibraryImport("libc", EntryPoint = "closedir")]
    public static partial int CloseDirectory(nint directory);

    public const int AddressFamilyNetlink = 16;
    public const int SocketRaw = 3;
    public const int SocketCloseOnExec = 0x80000;
    public const int NetlinkSockDiag = 4;

    public const int MessageTruncated = 0x20;
    public const int MessageDontWait = 0x40;
    public const short PollIn = 1;

    /// <summary>AF_UNIX.</summary>
    public const int AddressFamilyUnix = 1;

    /// <summary>SOCK_SEQPACKET.</summary>
    public const int SocketSequencedPacket = 5;

    /// <summary>SO_RCVTIMEO with a 64-bit struct timeval, as on all 64-bit architectures.</summary>
    public const int SocketReceiveTimeout = 20;

    /// <summary>SO_SNDTIMEO.</summary>
    public const int SocketSendTimeout = 21;

    /// <summary>SO_PROTOCOL.</summary>
    public const int SocketProtocol = 38;

    /// <summary>SO_DOMAIN.</summary>
    public const int SocketDomain = 39;

    /// <summary>SO_NETNS_COOKIE, Linux 5.14.</summary>
    public const int SocketNetnsCookie = 71;

    /// <summary>IN_CLOEXEC | IN_NONBLOCK.</summary>
    public const int InotifyFlags = 0x80000 | 0x800;

    /// <summary>IN_CREATE (linux/inotify.h): something was created in the directory.</summary>
    public const uint InotifyCreate = 0x100;

    /// <summary>IN_Q_OVERFLOW: events were lost.</summary>
    public const uint InotifyOverflow = 0x4000;

    /// <summary>IN_DELETE: something in the directory was removed.</summary>
    public const uint InotifyDelete = 0x200;

    /// <summary>IN_ONLYDIR: watch nothing but a directory.</summary>
    public const uint InotifyOnlyDirectories = 0x01000000;

    /// <summary>EFD_CLOEXEC | EFD_NONBLOCK.</summary>
    public const int EventFlags = 0x80000 | 0x800;

    /// <summary>connect(2).</summary>
    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(SocketHandle socket, ReadOnlySpan<byte> address, uint length);

    /// <summary>setsockopt(2) with a struct timeval.</summary>
    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketTime(SocketHandle socket, int level, int option, in Timespec value, uint length);

    /// <summary>getsockopt(2) with an int or a 64-bit number.</summary>
    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketNumber(SocketHandle socket, int level, int option, ref ulong value, ref uint length);

    /// <summary>inotify_init1(2).</summary>
    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial int InotifyInit(int flags);

    /// <summary>inotify_add_watch(2).</summary>
    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int InotifyAddWatch(SafeHandle inotify, string path, uint mask);

    /// <summary>inotify_rm_watch(2).</summary>
    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int InotifyRemoveWatch(SafeHandle inotify, int watch);

    /// <summary>eventfd(2).</summary>
    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFile(uint initial, int flags);

    /// <summary>read(2).</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle descriptor, ref ulong value, nuint count);

    /// <summary>read(2) of structs inotify_event.</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint ReadEvents(SafeHandle descriptor, Span<byte> buffer, nuint count);

    /// <summary>write(2).</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle descriptor, in ulong value, nuint count);

    /// <summary>Creates a socket for a handle that exists already. Allocates nothing.</summary>
    /// <returns>0, or an errno.</returns>
    public static int Open(SocketHandle handle, int family, int type, int protocol)
    {
        var descriptor = OpenSocket(family, type, protocol);
        Marshal.InitHandle(handle, descriptor);
        return descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>
    /// Creates a socket. The native call returns an int. If it were marshalled as a pointer-sized handle, the upper half
    /// would be whatever was in the register, and −1 might not be −1.
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

    /// <summary>setns(2).</summary>
    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(SafeHandle file, int type);

    /// <summary>name_to_handle_at(2).</summary>
    [LibraryImport("libc", EntryPoint = "name_to_handle_at", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NameToHandleAt(int directory, string path, ref FileHandle handle, out int mount, int flags);

    /// <summary>clock_gettime(2).</summary>
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    public static partial int ClockGetTime(int clock, out Timespec time);

    /// <summary>if_indextoname(3).</summary>
    [LibraryImport("libc", EntryPoint = "if_indextoname", SetLastError = true)]
    public static partial nint IndexToName(uint index, Span<byte> name);

    /// <summary>struct statfs: 120 bytes on 64-bit Linux. This one is larger, to be safe.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct FileSystemInfo
    {
        /// <summary>f_type.</summary>
        public long Type;
    }

    /// <summary>struct statx (linux/stat.h), the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileInfo
    {
        /// <summary>stx_uid.</summary>
        [FieldOffset(20)]
        public uint User;

        /// <summary>stx_mode.</summary>
        [FieldOffset(28)]
        public ushort Mode;

        /// <summary>stx_ino.</summary>
        [FieldOffset(32)]
        public ulong Inode;

        /// <summary>stx_size.</summary>
        [FieldOffset(40)]
        public ulong Size;

        /// <summary>stx_ctime.tv_sec.</summary>
        [FieldOffset(96)]
        public long ChangeSeconds;

        /// <summary>stx_ctime.tv_nsec.</summary>
        [FieldOffset(104)]
        public uint ChangeNanoseconds;

        /// <summary>stx_dev_major and stx_dev_minor.</summary>
        [FieldOffset(136)]
        public ulong Device;
    }

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

    /// <summary>The file descriptor of a socket.</summary>
    public sealed class SocketHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
    }

    /// <summary><c>struct file_handle</c> (name_to_handle_at(2)), with room for eight bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileHandle
    {
        public const int Size = 16;

        /// <summary>FILEID_KERNFS, include/linux/exportfs.h.</summary>
        public const int KernFs = 0xfe;

        public uint Bytes;
        public int Type;
        public Identifier Id;

        [InlineArray(sizeof(ulong))]
        public struct Identifier
        {
            private byte _first;
        }
    }

    /// <summary>struct timespec on a 64-bit kernel.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
