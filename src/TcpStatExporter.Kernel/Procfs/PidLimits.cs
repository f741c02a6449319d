using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/PID/limits, printed by proc_pid_limits (fs/proc/base.c). One line of it:
//   Max open files            20000                20000                files
//
// - Name, soft limit, hard limit, unit. A limit is a number or "unlimited".

/// <summary>Parses the limit of open files in <c>/proc/PID/limits</c>.</summary>
public static class PidLimits
{
    /// <summary>Parses the file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="softLimit">The soft limit. <see cref="ulong.MaxValue"/> if unlimited, 0 if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the text ends within the line. <see
    /// cref="SourceError.Malformed"/> if there is no such line. <see cref="SourceError.NumberOutOfRange"/>.
    /// </returns>
    public static ParseError ParseOpenFiles(ReadOnlySpan<byte> text, out ulong softLimit)
    {
        softLimit = 0;
        var name = "Max open files "u8;
        var lines = new TextCursor(text);
        if (!lines.TryFindLine(name, out var rest, out var offset))
        {
            return lines.MissingLine();
        }

        var words = new TextCursor(rest);
        if (!words.TryReadWord(out var soft))
        {
            return ParseError.Malformed(offset);
        }

        if (soft.SequenceEqual("unlimited"u8))
        {
            softLimit = ulong.MaxValue;
            return ParseError.None;
        }

        var error = Number.Parse(soft, out softLimit);
        return error == SourceError.None ? ParseError.None : new ParseError(error, offset + name.Length);
    }
}
