namespace TcpStatExporter.Kernel.Model;

/// <summary>The kernel parameters that are read. All are below <c>/proc/sys/net</c>.</summary>
public enum Sysctl : byte
{
    /// <summary>net.core.somaxconn.</summary>
    Somaxconn,

    /// <summary>net.core.netdev_max_backlog (host-wide).</summary>
    NetdevMaxBacklog,

    /// <summary>net.core.rmem_max, in bytes (host-wide).</summary>
    RmemMax,

    /// <summary>net.core.wmem_max, in bytes (host-wide).</summary>
    WmemMax,

    /// <summary>net.ipv4.ip_local_port_range: low, high.</summary>
    IpLocalPortRange,

    /// <summary>net.ipv4.ip_local_reserved_ports. The value here is the number of reserved ports.</summary>
    IpLocalReservedPorts,

    /// <summary>net.ipv4.tcp_abort_on_overflow.</summary>
    TcpAbortOnOverflow,

    /// <summary>net.ipv4.tcp_fin_timeout, seconds.</summary>
    TcpFinTimeout,

    /// <summary>net.ipv4.tcp_keepalive_intvl, seconds.</summary>
    TcpKeepaliveIntvl,

    /// <summary>net.ipv4.tcp_keepalive_probes.</summary>
    TcpKeepaliveProbes,

    /// <summary>net.ipv4.tcp_keepalive_time, seconds.</summary>
    TcpKeepaliveTime,

    /// <summary>net.ipv4.tcp_max_orphans (host-wide).</summary>
    TcpMaxOrphans,

    /// <summary>net.ipv4.tcp_max_syn_backlog.</summary>
    TcpMaxSynBacklog,

    /// <summary>net.ipv4.tcp_max_tw_buckets.</summary>
    TcpMaxTwBuckets,

    /// <summary>net.ipv4.tcp_mem: low, pressure, high, in pages (host-wide).</summary>
    TcpMem,

    /// <summary>net.ipv4.tcp_retries2.</summary>
    TcpRetries2,

    /// <summary>net.ipv4.tcp_rmem: min, default, max, in bytes.</summary>
    TcpRmem,

    /// <summary>net.ipv4.tcp_synack_retries.</summary>
    TcpSynackRetries,

    /// <summary>net.ipv4.tcp_syncookies: 0 off, 1 on overflow, 2 always.</summary>
    TcpSyncookies,

    /// <summary>net.ipv4.tcp_syn_retries.</summary>
    TcpSynRetries,

    /// <summary>net.ipv4.tcp_timestamps: 0 off.</summary>
    TcpTimestamps,

    /// <summary>net.ipv4.tcp_tw_recycle. Removed in Linux 4.12.</summary>
    TcpTwRecycle,

    /// <summary>net.ipv4.tcp_tw_reuse: 0 off, 1 on, 2 loopback only.</summary>
    TcpTwReuse,

    /// <summary>net.ipv4.tcp_wmem: min, default, max, in bytes.</summary>
    TcpWmem,

    /// <summary>
    /// net.netfilter.nf_conntrack_max (host-wide, visible in each network namespace). 0: no limit. Absent without conntrack.
    /// </summary>
    NfConntrackMax,

    /// <summary>net.netfilter.nf_conntrack_tcp_timeout_established, in seconds. Absent without conntrack.</summary>
    NfConntrackTcpTimeoutEstablished,
}
