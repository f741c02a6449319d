using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The processes that a procfs shows. Not thread-safe.</summary>
public sealed class ProcessTable
{
    /// <summary>Bytes of "/2147483647/net/tcp" and the zero.</summary>
    private const int MaxSuffix = 24;

    /// <summary>Offset of the name in struct dirent, in glibc and musl on 64-bit Linux: after two longs, the length and the type.</summary>
    private const int NameOffset = 19;

    /// <summary>Enough for the mountinfo of about ten thousand mounts.</summary>
    private const int MaxText = 2 * 1024 * 1024;

    private readonly byte[] _path;
    private readonly int _rootLength;
    private readonly ProcFileBuffer _buffer = new(MaxText);

    /// <summary>Creates a table. Reads nothing yet.</summary>
    /// <param name="root">Root of procfs.</param>
    public ProcessTable(string root)
    {
        ArgumentNullException.ThrowIfNull(root);
        Root = root.Length > 1 ? root.TrimEnd('/') : root;
        var bytes = Encoding.UTF8.GetBytes(Root);
        _rootLength = bytes.Length;
        _path = new byte[_rootLength + MaxSuffix];
        bytes.CopyTo(_path, 0);
    }

    /// <summary>Root of procfs.</summary>
    public string Root { get; }

    /// <summary>
    /// True if its process ids are valid in system calls of this process, because it is the procfs of this process's own PID
    /// namespace.
    /// </summary>
    public bool HasOwnIds =>
        SymbolicLink.Target(Path.Combine(Root, "self")) == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// True if processes of other users are hidden (mount option hidepid, systemd's ProtectProc=): then process 1 is hidden too.
    /// </summary>
    public bool HidesOthers => !FileStamp.Of(Path.Combine(Root, "1")).IsFolder;

    /// <summary>Lists the processes. Allocates nothing once the list is large enough.</summary>
    /// <param name="pids">Receives their ids, in the order of the directory. Overwritten.</param>
    /// <returns>False if the directory cannot be read.</returns>
    public bool List(ValueList<int> pids)
    {
        ArgumentNullException.ThrowIfNull(pids);
        pids.Clear();
        var directory = Libc.OpenDirectory(Root);
        if (directory == 0)
        {
            return false;
        }

        for (var entry = Libc.ReadDirectory(directory); entry != 0; entry = Libc.ReadDirectory(directory))
        {
            if (TryReadNumber(entry + NameOffset, out var pid))
            {
                pids.Add(pid);
            }
        }

        _ = Libc.CloseDirectory(directory);
        return true;
    }

    /// <summary>
    /// Returns the inode of <c>/proc/PID/net/tcp</c>, which identifies the network namespace of a process and needs no
    /// privilege. After a namespace is gone, a new one may get the same inode.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <returns>0 if the process is gone or hidden.</returns>
    public ulong NamespaceOf(int pid)
    {
        var path = _path.AsSpan(_rootLength);
        path[0] = (byte)'/';
        _ = Utf8Formatter.TryFormat(pid, path[1..], out var length);
        "/net/tcp\0"u8.CopyTo(path[(1 + length)..]);
        return Libc.Statx(Libc.AtCurrentDirectory, _path, flags: 0, Libc.StatxBasic, out var info) == 0 ? info.Inode : 0;
    }

    /// <summary>Reads a file of a process.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">Name of the file, such as cgroup.</param>
    /// <returns>Its text. Empty if it cannot be read.</returns>
    public string Text(int pid, string name)
    {
        using var file = new ProcFile(PathOf(pid, name), isIterated: true);
        return file.Read(_buffer).IsOk ? Encoding.UTF8.GetString(_buffer.Content) : "";
    }

    /// <summary>Returns the path of a file of a process.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">Name of the file.</param>
    public string PathOf(int pid, string name) => Path.Combine(Root, pid.ToString(CultureInfo.InvariantCulture), name);

    private static bool TryReadNumber(nint name, out int number)
    {
        number = 0;
        for (var i = 0; i < 10; i++)
        {
            var digit = Marshal.ReadByte(name, i);
            if (digit == 0)
            {
                return i > 0;
            }

            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = unchecked((number * 10) + digit - '0');
        }

        return false;
    }
}
