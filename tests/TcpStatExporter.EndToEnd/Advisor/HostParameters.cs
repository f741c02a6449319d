
namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>
/// A procfs root that is the real one of a namespace, except for host-wide kernel parameters, which a namespace does not have
/// and a test must not change. Those are plain files.
/// </summary>
internal sealed class HostParameters : IDisposable
{
    private const string Sysctls = "sys/net/ipv4";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-");

    /// <summary>Creates the root, without host-wide parameters.</summary>
    /// <param name="ns">The namespace. It decides which parameters are its own.</param>
    public HostParameters(NetNamespace ns)
    {
        // /proc/self and the links to it resolve to the process that reads them
        foreach (var name in new[] { "self", "net", "meminfo" })
        {
            Link(name, name == "net" ? "/proc/self/net" : $"/proc/{name}");
        }

        Directory.CreateDirectory(Path.Combine(Root, Sysctls));
        Link("sys/net/core", "/proc/sys/net/core");
        foreach (var path in ns.Run(() => Directory.GetFiles("/proc/" + Sysctls)))
        {
            Link(Path.Combine(Sysctls, Path.GetFileName(path)), path);
        }
    }

    /// <summary>Memory of this machine, in bytes.</summary>
    public static long MemoryBytes { get; } =
        long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;

    /// <summary>The path of the root.</summary>
    public string Root => _folder.FullName;

    /// <summary>Sets a host-wide parameter for programs that use this root.</summary>
    /// <param name="name">Its name below net.ipv4.</param>
    /// <param name="value">Its value.</param>
    public void Set(string name, string value) => File.WriteAllText(Path.Combine(Root, Sysctls, name), value + "\n");

    public void Dispose() => _folder.Delete(recursive: true);

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(Root, name), target);
}
