using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/softnet_stat, printed by softnet_seq_show (net/core/net-procfs.c), one line for each online processor:
//   001bd850 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
//
// - %08x: processed, dropped, time_squeeze, then further columns, more with each kernel. The first three have never moved.
// - Host-wide: the backlogs belong to the processors, not to a network namespace.

/// <summary>Parses <c>/proc/net/softnet_stat</c>.</summary>
public static class SoftnetStat
{
    /// <summary>Parses the file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="counts">Receives the totals of all processors. Unchanged if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the last line has no newline. <see
    /// cref="SourceError.Malformed"/> if a line has fewer than three 32-bit hexadecimal numbers.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, ref SoftnetCounts counts)
    {
        var read = default(SoftnetCounts);
        var lines = new TextCursor(text);
        while (!lines.AtEnd || text.IsEmpty)
        {
            var offset = lines.Offset;
            if (!lines.TryReadLine(out var line))
            {
                return lines.MissingLine();
            }

            var words = new TextCursor(line);
            if (!TryReadHex(ref words, out var processed) || !TryReadHex(ref words, out var dropped) || !TryReadHex(ref words, out var squeezed))
            {
                return ParseError.Malformed(offset);
            }

            read.Processed += processed;
            read.Dropped += dropped;
            read.Squeezed += squeezed;
        }

        counts = read;
        return ParseError.None;
    }

    private static bool TryReadHex(ref TextCursor words, out uint value)
    {
        value = 0;
        return words.TryReadWord(out var word) && uint.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
