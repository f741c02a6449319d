using System.Text;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

/// <summary>
/// The format shared by <c>/proc/net/snmp</c> and <c>/proc/net/netstat</c>: for each group a line of names followed by a line
/// of values. Both lines begin with the group.
/// </summary>
internal static class CounterLines
{
    /// <summary>
    /// Parses one group. The table keeps its names if they match, and takes new ones, with an allocation, only if they
    /// differ. On an error the table is unchanged.
    /// </summary>
    /// <param name="text">The whole file.</param>
    /// <param name="group">Start of both lines, including the colon.</param>
    /// <param name="signedName">The one name whose value may be negative. Empty for none.</param>
    /// <param name="table">Receives names and values.</param>
    public static ParseError Parse(ReadOnlySpan<byte> text, ReadOnlySpan<byte> group, ReadOnlySpan<byte> signedName, CounterTable table)
    {
        var lines = new TextCursor(text);
        if (!lines.TryFindLine(group, out var header, out var headerOffset))
        {
            return lines.MissingLine();
        }

        var valuesOffset = lines.Offset;
        if (!lines.TryReadLine(out var values))
        {
            return ParseError.Truncated(valuesOffset);
        }

        return values.StartsWith(group)
            ? ParsePair(header, headerOffset + group.Length, values[group.Length..], valuesOffset + group.Length, signedName, table)
            : ParseError.Malformed(valuesOffset);
    }

    /// <summary>Parses a group that not every kernel prints. If there is an error or no such group, the table is empty.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="group">Start of both lines, including the colon.</param>
    /// <param name="table">Receives names and values.</param>
    /// <returns>No error for a group that is missing or cut off: netstat of older kernels ends without a newline in MPTcpExt.</returns>
    public static ParseError ParseIfThere(ReadOnlySpan<byte> text, ReadOnlySpan<byte> group, CounterTable table)
    {
        var error = Parse(text, group, [], table);
        if (error.IsNone)
        {
            return error;
        }

        table.Clear();
        return error.Kind is SourceError.Truncated or SourceError.Empty || (error.Kind == SourceError.Malformed && error.Offset == text.Length) ? ParseError.None : error;
    }

    private static ParseError ParsePair(
        ReadOnlySpan<byte> header,
        int headerOffset,
        ReadOnlySpan<byte> values,
        int valuesOffset,
        ReadOnlySpan<byte> signedName,
        CounterTable table)
    {
        var names = new TextCursor(header);
        var numbers = new TextCursor(values);
        var known = table.Names;
        var count = 0;
        var same = true;
        while (names.TryReadWord(out var name))
        {
            same = same && count < known.Length && Ascii.Equals(name, known[count]);
            if (!same && !IsName(name))
            {
                return ParseError.Malformed(headerOffset + names.Offset - name.Length);
            }

            if (!numbers.TryReadWord(out var word))
            {
                return new ParseError(SourceError.HeaderMismatch, valuesOffset);
            }

            var error = ReadValue(name, word, signedName, out _);
            if (error != SourceError.None)
            {
                return new ParseError(error, valuesOffset + numbers.Offset - word.Length);
            }

            count++;
        }

        if (numbers.TryReadWord(out _))
        {
            return new ParseError(SourceError.HeaderMismatch, valuesOffset);
        }

        if (count == 0)
        {
            return ParseError.Malformed(headerOffset);
        }

        if (!same || count != known.Length)
        {
            table.SetNames(ReadNames(header, count));
        }

        Store(header, values, signedName, table.Values);
        return ParseError.None;
    }

    /// <summary>
    /// The second pass, over lines that the first pass has validated. So an error never leaves a table half updated.
    /// </summary>
    private static void Store(ReadOnlySpan<byte> header, ReadOnlySpan<byte> values, ReadOnlySpan<byte> signedName, Span<ulong> into)
    {
        var names = new TextCursor(header);
        var numbers = new TextCursor(values);
        foreach (ref var value in into)
        {
            names.TryReadWord(out var name);
            numbers.TryReadWord(out var word);
            ReadValue(name, word, signedName, out value);
        }
    }

    private static SourceError ReadValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word, ReadOnlySpan<byte> signedName, out ulong value)
    {
        if (!name.SequenceEqual(signedName))
        {
            return Number.Parse(word, out value);
        }

        var error = Number.Parse(word, out long signed);
        value = unchecked((ulong)signed);
        return error;
    }

    private static string[] ReadNames(ReadOnlySpan<byte> header, int count)
    {
        var names = new string[count];
        var words = new TextCursor(header);
        foreach (ref var name in names.AsSpan())
        {
            words.TryReadWord(out var word);
            name = Encoding.ASCII.GetString(word);
        }

        return names;
    }

    /// <summary>Names become metric names: letters, digits and underscores.</summary>
    internal static bool IsName(ReadOnlySpan<byte> word)
    {
        foreach (var character in word)
        {
            if (!char.IsAsciiLetterOrDigit((char)character) && character != '_')
            {
                return false;
            }
        }

        return char.IsAsciiLetter((char)word[0]);
    }
}
