using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// The calls of the C library that reading procfs needs, each in glibc 2.28 and musl 1.1.24 or later, on 64-bit Linux.
/// Numbers are those of include/uapi.
/// </summary>
internal static unsafe partial class ProcFileNative
{
    /// <summary>O_RDONLY | O_CLOEXEC | O_NONBLOCK: a path that names a FIFO must not hang the daemon.</summary>
    public const int OpenFlags = 0x80000 | 0x800;

    /// <summary>f_type of procfs (linux/magic.h).</summary>
    public const long ProcSuperMagic = 0x9fa0;

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

    /// <summary>opendir(3).</summary>
    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OpenDirectory(string path);

    /// <summary>readdir(3).</summary>
    [LibraryImport("libc", EntryPoint = "readdir")]
    public static partial nint ReadDirectory(nint directory);

    /// <summary>closedir(3).</summary>
    [LibraryImport("libc", EntryPoint = "closedir")]
    public static partial int CloseDirectory(nint directory);

    /// <summary>struct statfs: 120 bytes on 64-bit Linux, with room to spare.</summary>
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
}
