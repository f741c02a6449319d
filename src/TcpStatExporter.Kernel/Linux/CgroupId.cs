using System.Runtime.InteropServices;
using static TcpStatExporter.Kernel.Linux.Libc;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The id of a cgroup.</summary>
internal static class CgroupId
{
    /// <summary>
    /// Returns the id of the cgroup that owns a directory. kernfs puts its 64-bit id into the file handle (fs/kernfs/mount.c,
    /// kernfs_encode_fh(), since 5.5). It is the same id that cgroup_id() gives inet_diag. Asking for a handle needs no
    /// privilege. Opening one does.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <returns>0 if the directory is gone or is not on a cgroup2 file system.</returns>
    public static ulong Of(string path)
    {
        var handle = new FileHandle { Bytes = sizeof(ulong) };
        return NameToHandleAt(AtCurrentDirectory, path, ref handle, out _, 0) == 0 && handle is { Bytes: sizeof(ulong), Type: FileHandle.KernFs }
            ? MemoryMarshal.Read<ulong>(handle.Id)
            : 0;
    }
}
