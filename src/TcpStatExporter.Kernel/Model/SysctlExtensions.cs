namespace TcpStatExporter.Kernel.Model;

/// <summary>Names of kernel parameters.</summary>
public static class SysctlExtensions
{
    private static readonly string[] Paths =
    [
        "net/core/somaxconn",
        "net/core/netdev_max_backlog",
        "net/core/rmem_max",
        "net/core/wmem_max",
        "net/ipv4/ip_local_port_range",
        "net/ipv4/ip_local_reserved_ports",
        "net/ipv4/tcp_abort_on_overflow",
        "net/ipv4/tcp_fin_timeout",
        "net/ipv4/tcp_keepalive_intvl",
        "net/ipv4/tcp_keepalive_probes",
        "net/ipv4/tcp_keepalive_time",
        "net/ipv4/tcp_max_orphans",
        "net/ipv4/tcp_max_syn_backlog",
        "net/ipv4/tcp_max_tw_buckets",
        "net/ipv4/tcp_mem",
        "net/ipv4/tcp_retries2",
        "net/ipv4/tcp_rmem",
        "net/ipv4/tcp_synack_retries",
        "net/ipv4/tcp_syncookies",
        "net/ipv4/tcp_syn_retries",
        "net/ipv4/tcp_timestamps",
        "net/ipv4/tcp_tw_recycle",
        "net/ipv4/tcp_tw_reuse",
        "net/ipv4/tcp_wmem",
        "net/netfilter/nf_conntrack_max",
        "net/netfilter/nf_conntrack_tcp_timeout_established",
    ];

    private static readonly string[] Names = [.. Paths.Select(path => path.Replace('/', '.'))];

    /// <summary>All parameters that are read.</summary>
    public static IReadOnlyList<Sysctl> All { get; } = Enum.GetValues<Sysctl>();

    /// <summary>
    /// Parameters of the whole host. In a network namespace other than its own, their files are absent or can only be read.
    /// </summary>
    public static ReadOnlySpan<Sysctl> HostWide =>
    [
        Sysctl.NetdevMaxBacklog, Sysctl.RmemMax, Sysctl.WmemMax, Sysctl.TcpMaxOrphans, Sysctl.TcpMem, Sysctl.NfConntrackMax,
    ];

    /// <summary>Returns true for a parameter of the whole host.</summary>
    /// <param name="sysctl">The parameter.</param>
    public static bool IsHostWide(this Sysctl sysctl) => HostWide.Contains(sysctl);

    /// <summary>Returns its file below <c>/proc/sys</c>: "net/ipv4/tcp_mem".</summary>
    /// <param name="sysctl">The parameter.</param>
    public static string Path(this Sysctl sysctl) => Paths[(int)sysctl];

    /// <summary>Returns its name in sysctl(8): "net.ipv4.tcp_mem".</summary>
    /// <param name="sysctl">The parameter.</param>
    public static string Name(this Sysctl sysctl) => Names[(int)sysctl];
}
