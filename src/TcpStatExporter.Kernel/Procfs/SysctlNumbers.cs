using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/sys/net/…, printed by proc_dointvec, proc_doulongvec_minmax and similar functions (kernel/sysctl.c). tcp_mem:
//   287898	383866	575796
//
// - One line of numbers separated by tabs. If a kernel or namespace lacks a parameter, its file does not exist.

/// <summary>Parses a kernel parameter that consists of numbers.</summary>
public static class SysctlNumbers
{
    /// <summary>Parses the file. Numbers after the third are validated and ignored.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="value">Receives one to three numbers, which may be negative. Unchanged if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the line has no newline. <see
    /// cref="SourceError.Malformed"/> if there is no number, if a word is not a number, or if there is a second line. <see
    /// cref="SourceError.NumberOutOfRange"/> for a number that does not fit into 64 bits.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, ref SysctlValue value)
    {
        var lines = new TextCursor(text);
        if (!lines.TryReadLine(out var line))
        {
            return lines.MissingLine();
        }

        if (!lines.AtEnd)
        {
            return ParseError.Malformed(lines.Offset);
        }

        var read = default(SysctlValue);
        var words = new TextCursor(line);
        while (words.TryReadWord(out var word))
        {
            var error = Number.Parse(word, out long number);
            if (error != SourceError.None)
            {
                return new ParseError(error, words.Offset - word.Length);
            }

            if (read.Count < 3)
            {
                read[read.Count++] = number;
            }
        }

        if (read.Count == 0)
        {
            return ParseError.Malformed(0);
        }

        value = read;
        return ParseError.None;
    }
}
