using System.Globalization;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// A host's procfs root for an exporter in a network namespace: the namespace's files, plus the parameters that the kernel
/// shows only in its first namespace (tcp_mem, tcp_max_orphans), from the real host.
/// </summary>
internal sealed class HostProcfs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-proc-");

    /// <summary>Creates the root.</summary>
    /// <param name="ns">The namespace.</param>
    public HostProcfs(NetNamespace ns)
    {
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

    /// <summary>Shows one more process to the exporter: one of another network namespace on this host.</summary>
    /// <param name="pid">Its id.</param>
    public void Show(int pid)
    {
        // if the first process is missing, the others count as hidden
        Link("1");
        Link(pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Its path.</summary>
    public string Root => _folder.FullName;

    /// <summary>
    /// Starts the exporter. "self" has to lead to its pid, as in a procfs: otherwise it takes the pids here for those of another
    /// PID namespace, and watches no process.
    /// </summary>
    public IEnumerable<string> Launcher => ["sh", "-c", "ln -s /proc/$$ $0 && ln -s $$ $0/self && exec \"$@\"", Root];

    public void Dispose() => _folder.Delete(recursive: true);

    // each process that follows the link sees its own
    private void Link(string name) => File.CreateSymbolicLink(InFolder(name), "/proc/" + name);

    private string InFolder(string name)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
