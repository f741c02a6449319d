namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Detects that a file has changed, without reading it. A file that was written, replaced, moved in or made readable has a
/// different stamp (statx(2): device, inode, size and time of the last change). Follows symbolic links.
/// </summary>
public readonly record struct FileStamp
{
    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;
    private const int Socket = 0xc000;

    private FileStamp(in Libc.FileInfo info)
    {
        IsRegularFile = (info.Mode & TypeMask) == Regular;
        IsFolder = (info.Mode & TypeMask) == Folder;
        IsSocket = (info.Mode & TypeMask) == Socket;
        Device = info.Device;
        Inode = info.Inode;
        Size = info.Size;
        ChangeSeconds = info.ChangeSeconds;
        ChangeNanoseconds = info.ChangeNanoseconds;
    }

    /// <summary>False for a directory, a pipe, a device, or a path that does not exist.</summary>
    public bool IsRegularFile { get; }

    /// <summary>True for a directory.</summary>
    public bool IsFolder { get; }

    /// <summary>True for a Unix socket.</summary>
    public bool IsSocket { get; }

    /// <summary>Size in bytes.</summary>
    public ulong Size { get; }

    /// <summary>Inode number. 0 if the path does not exist.</summary>
    public ulong Inode { get; }

    private ulong Device { get; }

    private long ChangeSeconds { get; }

    private uint ChangeNanoseconds { get; }

    /// <summary>Returns the current stamp of a file. A path that cannot be examined has a stamp of its own.</summary>
    /// <param name="path">Path of the file.</param>
    public static FileStamp Of(string path) =>
        Libc.Statx(Libc.AtCurrentDirectory, path, flags: 0, Libc.StatxBasic, out var info) == 0 ? new FileStamp(info) : default;
}
