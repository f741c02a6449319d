using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/sockstat, printed by sockstat_seq_show (net/ipv4/proc.c). The TCP line:
//   TCP: inuse 3 orphan 78 tw 6 alloc 82 mem 0
//
// - inuse and tw are per namespace. orphan, alloc and mem (pages) are host-wide.
// - The same five keys since Linux 2.6.

/// <summary>Parses the TCP line of <c>/proc/net/sockstat</c>.</summary>
public static class Sockstat
{
    /// <summary>Parses the file. Skips unknown protocols and keys.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="counts">
    /// Receives the TCP numbers of the namespace. Its TCP6 fields are unchanged. Everything is unchanged if an error is returned.
    /// </param>
    /// <param name="host">Receives the TCP numbers of the host. 0 if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the text ends within the line. <see
    /// cref="SourceError.Malformed"/> if the line, one of its keys, or a number is missing. <see
    /// cref="SourceError.NumberOutOfRange"/> for a negative number or one above 2⁶³ − 1.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, ref SockstatCounts counts, out HostSockets host)
    {
        var read = counts;
        var all = default(HostSockets);
        var error = SockstatLine.Find(text, "TCP:"u8, out var line);
        if (error.IsNone)
        {
            error = line.Read("inuse"u8, out read.TcpInUse);
        }

        if (error.IsNone)
        {
            error = line.Read("orphan"u8, out all.Orphans);
        }

        if (error.IsNone)
        {
            error = line.Read("tw"u8, out read.TcpTimeWait);
        }

        if (error.IsNone)
        {
            error = line.Read("alloc"u8, out all.Allocated);
        }

        if (error.IsNone)
        {
            error = line.Read("mem"u8, out all.MemoryPages);
        }

        host = error.IsNone ? all : default;
        counts = error.IsNone ? read : counts;

        return error;
    }
}
