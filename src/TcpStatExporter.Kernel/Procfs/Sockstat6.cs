using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/sockstat6, printed by sockstat6_seq_show (net/ipv6/proc.c). The TCP line:
//   TCP6: inuse 0
//
// - Per namespace. The file does not exist on a host without IPv6. sockstat has the TIME_WAIT count of both families.

/// <summary>Parses the TCP line of <c>/proc/net/sockstat6</c>.</summary>
public static class Sockstat6
{
    /// <summary>Parses the file. Skips unknown protocols and keys.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="counts">
    /// Receives the TCP6 number. Its TCP fields are unchanged. Everything is unchanged if an error is returned.
    /// </param>
    /// <returns>Same as <see cref="Sockstat.Parse"/>.</returns>
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
