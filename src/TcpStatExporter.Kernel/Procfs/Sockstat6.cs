using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/sockstat6, printed by sockstat6_seq_show (net/ipv6/proc.c); the line of TCP:
//   TCP6: inuse 0
//
// - Of the namespace. The file is missing on a host without IPv6. TIME_WAIT of both families stands in sockstat.

/// <summary>Parses what <c>/proc/net/sockstat6</c> says of TCP.</summary>
public static class Sockstat6
{
    /// <summary>Parses the file. Protocols and keys that are not known are skipped.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="counts">Takes the number of TCP6 and keeps what it holds of TCP; as it was before if an error is returned.</param>
    /// <returns>As <see cref="Sockstat.Parse"/>.</returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, ref SockstatCounts counts)
    {
        var error = SockstatLine.Find(text, "TCP6:"u8, out var line);
        if (!error.IsNone)
        {
            return error;
        }

        error = line.Read("inuse"u8, out var inUse);
        if (error.IsNone)
        {
            counts.Tcp6InUse = inUse;
            counts.HasTcp6 = true;
        }

        return error;
    }
}
