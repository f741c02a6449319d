using System.Runtime.InteropServices;
using static TcpStatExporter.Kernel.Linux.Libc;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The id of a cgroup.</summary>
internal static class CgroupId
{
    /// <summary>
    /// The id of the cgroup whose directory this is: kernfs puts its 64-bit id into a file handle
    /// (fs/kernfs/mount.c, kernfs_encode_fh(), since 5.5), which is what cgroup_id() gives inet_diag. Asking for a
    /// handle needs no privilege; opening one does.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <returns>0 if it is gone or not of a cgroup2 file system.</returns>
    public static ulong Of(string path)
    {
        var handle = new FileHandle { Bytes = sizeof(ulong) };
        return NameToHandleAt(AtCurrentDirectory, path, ref handle, out _, 0) == 0 && handle is { Bytes: sizeof(ulong), Type: FileHandle.KernFs }
            ? MemoryMarshal.Read<ulong>(handle.Id)
            : 0;
    }
}
