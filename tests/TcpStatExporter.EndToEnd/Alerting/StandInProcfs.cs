using System.Globalization;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// A procfs root with the kernel's files, except those that a test replaces. tcp_mem and tcp_max_orphans are host-wide and
/// not visible in a child namespace, so only a limit set by the test can be reached there.
/// </summary>
internal sealed class StandInProcfs : IDisposable
{
    private static readonly string[] NetFiles = ["snmp", "netstat", "sockstat", "sockstat6", "tcp", "tcp6", "udp", "udp6", "snmp6", "stat/nf_conntrack", "softnet_stat"];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tcpstat-procfs-");

    public StandInProcfs()
    {
        // resolved by the process that opens them: in the exporter's namespace
        Link("self", "/proc/self");
        foreach (var file in NetFiles)
        {
            Link($"net/{file}", $"/proc/self/net/{file}");
        }

        foreach (var sysctl in SysctlExtensions.All)
        {
            Link($"sys/{sysctl.Path()}", $"/proc/sys/{sysctl.Path()}");
        }

        Link("sys/net/netfilter/nf_conntrack_count", "/proc/sys/net/netfilter/nf_conntrack_count");

        // belongs to the whole machine, whatever else runs on it
        SetSoftnetDrops(0);
    }

    /// <summary>The value for --path.procfs.</summary>
    public string Root => _root.FullName;

    /// <summary>
    /// Replaces a kernel file. The exporter keeps its files open, so replace a file for the first time before the exporter
    /// starts. Later calls overwrite it.
    /// </summary>
    /// <param name="path">Path below the root.</param>
    /// <param name="content">The complete content. Never shorter than before.</param>
    public void Replace(string path, string content)
    {
        var file = Path.Combine(Root, path);
        if (new FileInfo(file).LinkTarget is not null)
        {
            File.Delete(file);
        }

        using var stream = File.Open(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(content));
    }

    /// <summary>Sets the TCP memory limits.</summary>
    /// <param name="pressure">Pages at which the kernel is under pressure.</param>
    /// <param name="high">Maximum number of pages.</param>
    public void SetMemoryLimits(long pressure, long high) =>
        Replace("sys/" + Sysctl.TcpMem.Path(), string.Create(CultureInfo.InvariantCulture, $"{pressure,12} {pressure,12} {high,12}\n"));

    /// <summary>Sets the orphan limit.</summary>
    /// <param name="limit">Sockets.</param>
    public void SetMaxOrphans(long limit) => Replace("sys/" + Sysctl.TcpMaxOrphans.Path(), string.Create(CultureInfo.InvariantCulture, $"{limit,12}\n"));

    /// <summary>Sets the connection tracking limit.</summary>
    /// <param name="limit">Entries.</param>
    public void SetMaxConntrack(long limit) => Replace("sys/" + Sysctl.NfConntrackMax.Path(), string.Create(CultureInfo.InvariantCulture, $"{limit,12}\n"));

    /// <summary>Sets how many packets connection tracking dropped.</summary>
    /// <param name="count">Packets.</param>
    public void SetConntrackDrops(int count) => Replace("net/stat/nf_conntrack", string.Create(CultureInfo.InvariantCulture, $"insert_failed drop early_drop\n00000000 {count:x8} 00000000\n"));

    /// <summary>Sets how many packets the processors dropped.</summary>
    /// <param name="count">Packets.</param>
    public void SetSoftnetDrops(int count) => Replace("net/softnet_stat", string.Create(CultureInfo.InvariantCulture, $"00100000 {count:x8} 00000000\n"));

    public void Dispose() => _root.Delete(recursive: true);

    private void Link(string path, string target)
    {
        var link = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
    }
}
