using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/meminfo, printed by meminfo_proc_show (fs/proc/meminfo.c). One line of it:
//   MemTotal:       24683620 kB
//
// - "kB" is 1024 bytes. In a container, another file with the container's limit may be mounted over it (lxcfs).

/// <summary>Parses the size of memory in <c>/proc/meminfo</c>.</summary>
public static class Meminfo
{
    private const long Kibibyte = 1024;

    /// <summary>Parses the file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="bytes">Memory that the kernel manages, in bytes. 0 if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the text ends within the line. <see
    /// cref="SourceError.Malformed"/> if the line, number or unit is missing. <see cref="SourceError.NumberOutOfRange"/>.
    /// </returns>
    public static ParseError ParseTotal(ReadOnlySpan<byte> text, out long bytes)
    {
        bytes = 0;
        var name = "MemTotal:"u8;
        var lines = new TextCursor(text);
        if (!lines.TryFindLine(name, out var rest, out var offset))
        {
            return lines.MissingLine();
        }

        var words = new TextCursor(rest);
        if (!words.TryReadWord(out var number) || !words.TryReadWord(out var unit) || !unit.SequenceEqual("kB"u8))
        {
            return ParseError.Malformed(offset);
        }

        var error = Number.ParseCount(number, out var kibibytes);
        if (error == SourceError.None && kibibytes > long.MaxValue / Kibibyte)
        {
            error = SourceError.NumberOutOfRange;
        }

        bytes = error == SourceError.None ? kibibytes * Kibibyte : 0;
        return error == SourceError.None ? ParseError.None : new ParseError(error, offset + name.Length);
    }
}
