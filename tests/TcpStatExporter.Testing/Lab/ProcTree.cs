namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// A copy of the procfs files that an exporter reads, from one namespace, in a directory that everybody may read.
/// </summary>
internal sealed class ProcTree : IDisposable
{
    private const UnixFileMode Folders = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;
    private const int HugeBytes = 200_000_000;

    private static readonly string[] Sysctls =
        ["net/ipv4/ip_local_port_range", "net/ipv4/ip_local_reserved_ports", "net/ipv4/tcp_max_syn_backlog", "net/ipv4/tcp_max_tw_buckets", "net/ipv4/tcp_syncookies", "net/core/somaxconn"];

    private readonly Dictionary<string, byte[]> _sound;

    /// <summary>Copies the files of a namespace.</summary>
    /// <param name="ns">The namespace.</param>
    public ProcTree(NetNamespace ns)
    {
        _sound = ns.Run(() => Files
            .Where(file => File.Exists("/proc/thread-self/net/" + file))
            .Select(file => (Path: "net/" + file, From: "/proc/thread-self/net/" + file))
            .Concat(Sysctls.Select(name => (Path: "sys/" + name, From: "/proc/sys/" + name)))
            .ToDictionary(file => file.Path, file => File.ReadAllBytes(file.From), StringComparer.Ordinal));
        Root = Directory.CreateTempSubdirectory("tcpstat-proc-").FullName;
        File.SetUnixFileMode(Root, Folders);
        foreach (var (path, content) in _sound)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Root, path))!, Folders);
            Put(path, content);
        }
    }

    /// <summary>Ways to break a file.</summary>
    public enum Damage
    {
        /// <summary>The file does not exist.</summary>
        Gone,

        /// <summary>The file is empty.</summary>
        Empty,

        /// <summary>The file ends in the middle of its last line about TCP.</summary>
        CutOff,

        /// <summary>The file contains random bytes.</summary>
        Garbage,

        /// <summary>Only root may read the file.</summary>
        Forbidden,

        /// <summary>The file is a link to a directory.</summary>
        Folder,

        /// <summary>The file is hundreds of megabytes of zeros.</summary>
        Huge,
    }

    /// <summary>Names below net.</summary>
    public static IReadOnlyList<string> Files { get; } = ["tcp", "tcp6", "snmp", "netstat", "sockstat", "sockstat6"];

    /// <summary>The directory, for --path.procfs.</summary>
    public string Root { get; }

    private string Draft => Path.Combine(Root, "draft");

    /// <summary>Breaks a file atomically: no reader sees it half done.</summary>
    /// <param name="file">Its name below net.</param>
    /// <param name="damage">How to break it.</param>
    public void Harm(string file, Damage damage)
    {
        var path = "net/" + file;
        var sound = _sound.GetValueOrDefault(path) ?? [];
        switch (damage)
        {
            case Damage.Gone:
                File.Delete(Path.Combine(Root, path));
                break;
            case Damage.Empty:
                Put(path, []);
                break;
            case Damage.CutOff:
                Put(path, InLastTcpLine(sound));
                break;
            case Damage.Garbage:
                Put(path, [.. Enumerable.Range(0, 4096).Select(i => (byte)((i * 167) ^ (i >> 3)))]);
                break;
            case Damage.Forbidden:
                Put(path, sound, UnixFileMode.None);
                break;
            case Damage.Folder:
                File.CreateSymbolicLink(Draft, Root);
                Replace(path);
                break;
            case Damage.Huge:
                Put(path, [], length: HugeBytes);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage));
        }
    }

    /// <summary>Restores a file.</summary>
    /// <param name="file">Its name below net.</param>
    public void Restore(string file) => Put("net/" + file, _sound["net/" + file]);

    /// <summary>Removes the kernel parameters.</summary>
    public void RemoveSysctls() => Directory.Delete(Path.Combine(Root, "sys"), recursive: true);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>In most files, other protocols follow TCP. Breaking their lines does not matter.</summary>
    private static byte[] InLastTcpLine(byte[] text)
    {
        var start = Math.Max(text.AsSpan(..^1).LastIndexOf("\nT"u8), text.AsSpan(..^1).LastIndexOf("\n "u8)) + 1;
        var length = text.AsSpan(start).IndexOf((byte)'\n');
        return text[..(start + (length / 2))];
    }

    private void Put(string path, byte[] content, UnixFileMode mode = Readable, long? length = null)
    {
        using (var stream = File.Create(Draft))
        {
            stream.Write(content);
            stream.SetLength(length ?? content.Length);
        }

        File.SetUnixFileMode(Draft, mode);
        Replace(path);
    }

    private void Replace(string path) => Libc.Check(Libc.Rename(Draft, Path.Combine(Root, path)), "rename");
}
