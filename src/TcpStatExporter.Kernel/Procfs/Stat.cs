using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/stat, printed by show_stat (fs/proc/stat.c); one line of it:
//   btime 1795366180
//
// - Seconds since 1970 at which the host booted, after the lines of the processors and the very long one of interrupts.

/// <summary>Parses the time of boot in <c>/proc/stat</c>.</summary>
public static class Stat
{
    /// <summary>Parses the file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="seconds">Seconds since 1970; 0 if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>; <see cref="SourceError.Truncated"/> if the text ends within the line;
    /// <see cref="SourceError.Malformed"/> without such a line; <see cref="SourceError.NumberOutOfRange"/>.
    /// </returns>
    public static ParseError ParseBootTime(ReadOnlySpan<byte> text, out ulong seconds)
    {
        seconds = 0;
        var lines = new TextCursor(text);
        var offset = 0;
        while (lines.TryReadLine(out var line))
        {
            var name = "btime "u8;
            if (line.StartsWith(name))
            {
                var error = Number.Parse(line[name.Length..], out seconds);
                return error == SourceError.None ? ParseError.None : new ParseError(error, offset + name.Length);
            }

            offset = lines.Offset;
        }

        return lines.MissingLine();
    }
}
