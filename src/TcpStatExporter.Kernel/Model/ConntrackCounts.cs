namespace TcpStatExporter.Kernel.Model;

/// <summary>Connection tracking of one network namespace.</summary>
public struct ConntrackCounts
{
    /// <summary>Entries in the table. Valid if <see cref="HasEntries"/>.</summary>
    public long Entries;

    /// <summary>Counters. Valid if <see cref="HasStatistics"/>.</summary>
    public ConntrackStatistics Statistics;

    /// <summary>net.netfilter.nf_conntrack_count was read.</summary>
    public bool HasEntries;

    /// <summary><c>/proc/net/stat/nf_conntrack</c> was read. A kernel without CONFIG_NF_CONNTRACK_PROCFS does not have it.</summary>
    public bool HasStatistics;
}
