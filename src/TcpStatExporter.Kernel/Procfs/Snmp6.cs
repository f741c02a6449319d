using System.Text;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/snmp6, printed by snmp6_seq_show (net/ipv6/proc.c), one line per counter:
//   Udp6InDatagrams                 \t1232
//
// - About 90 lines. Ip6 and Icmp6 come first. The lines of UdpLite6 begin with UdpLite6.
// - Each kernel version may add names. MemErrors exists since Linux 5.11.

/// <summary>Parses the lines of <c>/proc/net/snmp6</c> that begin with <c>Udp6</c>.</summary>
public static class Snmp6
{
    private static ReadOnlySpan<byte> Group => "Udp6"u8;

    /// <summary>Parses the file into a table. Allocates nothing if the names in the file match those in the table.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">Receives names (without <c>Udp6</c>) and values. Unchanged if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the last line has no newline. <see
    /// cref="SourceError.Malformed"/> if there is no such line, or if one is not a name and a number. <see
    /// cref="SourceError.NumberOutOfRange"/> for a value that is too large or negative.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, CounterTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var lines = new TextCursor(text);
        var known = table.Names;
        var (count, same) = (0, true);
        while (lines.TryFindLine(Group, out var line, out var offset))
        {
            var error = ReadLine(line, out var name, out _);
            if (error != SourceError.None)
            {
                return new ParseError(error, offset);
            }

            same = same && count < known.Length && Ascii.Equals(name, known[count]);
            count++;
        }

        if (count == 0 || !lines.AtEnd)
        {
            return lines.MissingLine();
        }

        if (!same || count != known.Length)
        {
            table.SetNames(ReadNames(text, count));
        }

        lines = new TextCursor(text);
        foreach (ref var value in table.Values)
        {
            lines.TryFindLine(Group, out var line, out _);
            ReadLine(line, out _, out value);
        }

        return ParseError.None;
    }

    private static SourceError ReadLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out ulong value)
    {
        value = 0;
        var words = new TextCursor(line);
        if (!words.TryReadWord(out name) || !CounterLines.IsName(name) || !words.TryReadWord(out var number))
        {
            return SourceError.Malformed;
        }

        var error = Number.Parse(number, out value);
        return error == SourceError.None && words.TryReadWord(out _) ? SourceError.Malformed : error;
    }

    private static string[] ReadNames(ReadOnlySpan<byte> text, int count)
    {
        var names = new string[count];
        var lines = new TextCursor(text);
        foreach (ref var name in names.AsSpan())
        {
            lines.TryFindLine(Group, out var line, out _);
            ReadLine(line, out var word, out _);
            name = Encoding.ASCII.GetString(word);
        }

        return names;
    }
}
