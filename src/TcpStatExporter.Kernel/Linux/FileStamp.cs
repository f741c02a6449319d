namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// What tells one content of a file from the next without reading it: a file that is written, replaced, moved in, or
/// made readable has another stamp (statx(2): device, inode, size and time of the last change). Links are followed.
/// </summary>
public readonly record struct FileStamp
{
    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;

    private FileStamp(in Libc.FileInfo info)
    {
        IsRegularFile = (info.Mode & TypeMask) == Regular;
        IsFolder = (info.Mode & TypeMask) == Folder;
        Device = info.Device;
        Inode = info.Inode;
        Size = info.Size;
        ChangeSeconds = info.ChangeSeconds;
        ChangeNanoseconds = info.ChangeNanoseconds;
    }

    /// <summary>False for a folder, a pipe, a device, and for what is not there.</summary>
    public bool IsRegularFile { get; }

    /// <summary>True for a folder.</summary>
    public bool IsFolder { get; }

    /// <summary>Size in bytes.</summary>
    public ulong Size { get; }

    /// <summary>Number of its inode; 0 for what is not there.</summary>
    public ulong Inode { get; }

    private ulong Device { get; }

    private long ChangeSeconds { get; }

    private uint ChangeNanoseconds { get; }

    /// <summary>The stamp of a file as it is now; one of its own where nothing can be seen there.</summary>
    /// <param name="path">Path of the file.</param>
    public static FileStamp Of(string path) =>
        Libc.Statx(Libc.AtCurrentDirectory, path, flags: 0, Libc.StatxBasic, out var info) == 0 ? new FileStamp(info) : default;
}
