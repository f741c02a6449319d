using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// A root of procfs as a host has it, for an exporter in a network namespace: the namespace's files, and from the real
/// host the parameters that the kernel shows in its first namespace alone (tcp_mem, tcp_max_orphans).
/// </summary>
internal sealed class HostProcfs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-proc-");

    /// <summary>Makes it.</summary>
    /// <param name="ns">The namespace.</param>
    public HostProcfs(NetNamespace ns)
    {
        Link("self");
        Link("net");
        Link("sys/net/netfilter/nf_conntrack_count");
        foreach (var sysctl in SysctlExtensions.All)
        {
            var name = Path.Combine("sys", sysctl.Path());
            if (ns.Run(() => File.Exists("/proc/" + name)))
            {
                Link(name);
            }
            else if (File.Exists("/proc/" + name))
            {
                File.WriteAllText(InFolder(name), File.ReadAllText("/proc/" + name));
            }
        }
    }

    /// <summary>Its path.</summary>
    public string Root => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    // each process that follows the link sees what is its own
    private void Link(string name) => File.CreateSymbolicLink(InFolder(name), "/proc/" + name);

    private string InFolder(string name)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
