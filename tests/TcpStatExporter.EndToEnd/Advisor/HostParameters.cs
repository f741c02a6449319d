
namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>
/// A root of procfs that is the real one of a namespace, but for kernel parameters of the whole host, which a namespace
/// does not have and a test must not touch: those are plain files.
/// </summary>
internal sealed class HostParameters : IDisposable
{
    private const string Sysctls = "sys/net/ipv4";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-");

    /// <summary>Makes it, without any parameter of the host.</summary>
    /// <param name="ns">The namespace, which decides what parameters are its own.</param>
    public HostParameters(NetNamespace ns)
    {
        // /proc/self and what leads there is that of the process which looks
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

    /// <summary>Memory of this machine.</summary>
    public static long MemoryBytes { get; } =
        long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;

    /// <summary>The root.</summary>
    public string Root => _folder.FullName;

    /// <summary>Sets a parameter of the host, for who looks here.</summary>
    /// <param name="name">Its name below net.ipv4.</param>
    /// <param name="value">Its value.</param>
    public void Set(string name, string value) => File.WriteAllText(Path.Combine(Root, Sysctls, name), value + "\n");

    public void Dispose() => _folder.Delete(recursive: true);

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(Root, name), target);
}
