using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The system call of <see cref="CgroupTree"/>.</summary>
internal static partial class CgroupNative
{
    private const int CurrentDirectory = -100;

    /// <summary>
    /// The id of the cgroup whose directory this is: kernfs puts its 64-bit id into a file handle
    /// (fs/kernfs/mount.c, kernfs_encode_fh(), since 5.5), which is what cgroup_id() gives inet_diag. Asking for a
    /// handle needs no privilege; opening one does.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <returns>0 if it is gone or not of a cgroup2 file system.</returns>
    public static ulong IdOf(string path)
    {
        var handle = new FileHandle { Bytes = sizeof(ulong) };
        return NameToHandleAt(CurrentDirectory, path, ref handle, out _, 0) == 0 && handle is { Bytes: sizeof(ulong), Type: FileHandle.KernFs }
            ? MemoryMarshal.Read<ulong>(handle.Id)
            : 0;
    }

    [LibraryImport("libc", EntryPoint = "name_to_handle_at", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NameToHandleAt(int directory, string path, ref FileHandle handle, out int mount, int flags);

    /// <summary><c>struct file_handle</c>, name_to_handle_at(2), with room for eight bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileHandle
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
}
