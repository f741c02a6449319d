using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/netstat, printed by netstat_seq_show (net/ipv4/proc.c); the group TcpExt:
//   TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled …
//   TcpExt: 0 0 0 0 0 …
//
// - Each kernel version adds names and now and then drops one (TCPPrequeued): no position is fixed.
// - About 4 kB. The group IpExt: follows and is not read. MPTcpExt: comes last, printed by mptcp_seq_show (net/mptcp/mib.c)
//   since Linux 5.7, with names that each version adds.

/// <summary>Parses the groups <c>TcpExt</c> and <c>MPTcpExt</c> of <c>/proc/net/netstat</c>.</summary>
public static class Netstat
{
    /// <summary>Parses the file into a table; no allocation while the kernel prints the names that the table has.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">Takes names and values; as it was before if an error is returned.</param>
    /// <returns>As <see cref="Snmp.Parse"/>, no value being signed.</returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return CounterLines.Parse(text, "TcpExt:"u8, [], table);
    }

    /// <summary>Parses the group <c>MPTcpExt</c>, which need not be there.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">Takes names and values; empty if the group is not there or an error is returned.</param>
    /// <returns>As <see cref="Snmp.ParseUdp"/>.</returns>
    public static ParseError ParseMptcp(ReadOnlySpan<byte> text, CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return CounterLines.ParseIfThere(text, "MPTcpExt:"u8, table);
    }
}
