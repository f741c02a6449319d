using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/sockstat, printed by sockstat_seq_show (net/ipv4/proc.c); the line of TCP:
//   TCP: inuse 3 orphan 78 tw 6 alloc 82 mem 0
//
// - inuse and tw are of the namespace, orphan, alloc and mem (pages) of the whole host.
// - The same five keys since Linux 2.6.

/// <summary>Parses what <c>/proc/net/sockstat</c> says of TCP.</summary>
public static class Sockstat
{
    /// <summary>Parses the file. Protocols and keys that are not known are skipped.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="counts">Takes the five numbers of TCP and keeps what it holds of TCP6; as it was before if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>; <see cref="SourceError.Truncated"/> if the text ends within the line;
    /// <see cref="SourceError.Malformed"/> if the line or one of its keys is missing or no number follows;
    /// <see cref="SourceError.NumberOutOfRange"/> for a negative number and one above 2⁶³ − 1.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, ref SockstatCounts counts)
    {
        var read = counts;
        var error = SockstatLine.Find(text, "TCP:"u8, out var line);
        if (error.IsNone)
        {
            error = line.Read("inuse"u8, out read.TcpInUse);
        }

        if (error.IsNone)
        {
            error = line.Read("orphan"u8, out read.TcpOrphan);
        }

        if (error.IsNone)
        {
            error = line.Read("tw"u8, out read.TcpTimeWait);
        }

        if (error.IsNone)
        {
            error = line.Read("alloc"u8, out read.TcpAllocated);
        }

        if (error.IsNone)
        {
            error = line.Read("mem"u8, out read.TcpMemoryPages);
        }

        if (error.IsNone)
        {
            counts = read;
        }

        return error;
    }
}
