using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/sys/net/…, printed by proc_dointvec, proc_doulongvec_minmax and their kin (kernel/sysctl.c); tcp_mem:
//   287898	383866	575796
//
// - One line of numbers with a tab between them. A parameter that a kernel or namespace lacks has no file.

/// <summary>Parses a kernel parameter that consists of numbers.</summary>
public static class SysctlNumbers
{
    /// <summary>Parses the file. Numbers after the third are checked and left out.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="value">Takes one to three numbers, negative ones too; as it was before if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>; <see cref="SourceError.Truncated"/> for a line without newline;
    /// <see cref="SourceError.Malformed"/> for no number, anything that is none, and a second line;
    /// <see cref="SourceError.NumberOutOfRange"/> for a number that 64 bits do not hold.
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
