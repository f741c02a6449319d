using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/netstat, printed by netstat_seq_show (net/ipv4/proc.c). The group TcpExt:
//   TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled …
//   TcpExt: 0 0 0 0 0 …
//
// - Each kernel version adds names, and some versions remove one (TCPPrequeued). No position is fixed.
// - About 4 kB. The group IpExt: follows and is not read. MPTcpExt: comes last, printed by mptcp_seq_show (net/mptcp/mib.c)
//   since Linux 5.7. Each version adds names to it.

/// <summary>Parses the groups <c>TcpExt</c> and <c>MPTcpExt</c> of <c>/proc/net/netstat</c>.</summary>
public static class Netstat
{
    /// <summary>Parses the file into a table. Allocates nothing if the names in the file match those in the table.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">Receives names and values. Unchanged if an error is returned.</param>
    /// <returns>Same as <see cref="Snmp.Parse"/>, but no value is signed.</returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return CounterLines.Parse(text, "TcpExt:"u8, [], table);
    }

    /// <summary>Parses the group <c>MPTcpExt</c>, which may be missing.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">Receives names and values. Empty if the group is missing or an error is returned.</param>
    /// <returns>Same as <see cref="Snmp.ParseUdp"/>.</returns>
    public static ParseError ParseMptcp(ReadOnlySpan<byte> text, CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return CounterLines.ParseIfThere(text, "MPTcpExt:"u8, table);
    }
}
