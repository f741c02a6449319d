using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/snmp, printed by snmp_seq_show (net/ipv4/proc.c). The group Tcp:
//   Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
//   Tcp: 1 200 120000 -1 56 27 2 0 2 11335 7877 7 0 36 0
//
// - Every value is an unsigned long, except MaxConn, which is printed with %ld and is -1 (RFC 2012: no fixed limit).
// - InCsumErrors exists since Linux 3.10. Groups before Tcp: vary (IcmpMsg: appears only after the first such message).
//
// The group Udp:
//   Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
//   Udp: 1232 0 0 1235 0 0 0 0 0

/// <summary>Parses the groups <c>Tcp</c> and <c>Udp</c> of <c>/proc/net/snmp</c>.</summary>
public static class Snmp
{
    /// <summary>Parses the file into a table. Allocates nothing if the names in the file match those in the table.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">Receives names and values. Unchanged if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the text ends before the values are complete.
    /// <see cref="SourceError.Malformed"/> if the group is missing or is not a pair of lines. <see
    /// cref="SourceError.HeaderMismatch"/>. <see cref="SourceError.NumberOutOfRange"/> for a value that is too large, or
    /// negative in a column other than MaxConn.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return CounterLines.Parse(text, "Tcp:"u8, "MaxConn"u8, table);
    }

    /// <summary>Parses the group <c>Udp</c>, which may be missing.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">Receives names and values. Empty if the group is missing or an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Malformed"/>, <see cref="SourceError.HeaderMismatch"/> or <see
    /// cref="SourceError.NumberOutOfRange"/>, as in <see cref="Parse"/>.
    /// </returns>
    public static ParseError ParseUdp(ReadOnlySpan<byte> text, CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return CounterLines.ParseIfThere(text, "Udp:"u8, table);
    }
}
