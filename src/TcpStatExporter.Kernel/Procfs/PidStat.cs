using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/PID/stat, printed by do_task_stat (fs/proc/array.c), one line:
//   21726 (cat) R 21722 21722 4133 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 899000 3133440 374 18446744073709551615 …
//
// - The name in parentheses may contain spaces, parentheses and newlines, so the columns begin after the last parenthesis.
// - Columns are numbered from 1, as in proc_pid_stat(5). New ones are added at the end.

/// <summary>Parses the columns of <c>/proc/PID/stat</c> that the process metrics need.</summary>
public static class PidStat
{
    /// <summary>Parses the file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="usage">
    /// Receives times, threads and memory. Its other fields are unchanged. Everything is unchanged if an error is returned.
    /// </param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if there is no newline at the end. <see
    /// cref="SourceError.Malformed"/>. <see cref="SourceError.NumberOutOfRange"/>.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, ref ProcessUsage usage)
    {
        if (text.IsEmpty)
        {
            return ParseError.Empty;
        }

        if (text[^1] != '\n')
        {
            return ParseError.Truncated(0);
        }

        var name = text.LastIndexOf((byte)')');
        if (name < 0)
        {
            return ParseError.Malformed(0);
        }

        var read = usage;
        var words = new TextCursor(text[..^1], name + 1);
        for (var column = 3; column <= 24; column++)
        {
            if (!words.TryReadWord(out var word))
            {
                return ParseError.Malformed(words.Offset);
            }

            var error = column switch
            {
                14 => Number.Parse(word, out read.UserTicks),
                15 => Number.Parse(word, out read.SystemTicks),
                20 => Number.Parse(word, out read.Threads),
                22 => Number.Parse(word, out read.StartTicks),
                23 => Number.Parse(word, out read.VirtualBytes),
                24 => Number.Parse(word, out read.ResidentPages),
                _ => SourceError.None,
            };
            if (error != SourceError.None)
            {
                return new ParseError(error, words.Offset - word.Length);
            }
        }

        usage = read;
        return ParseError.None;
    }
}
