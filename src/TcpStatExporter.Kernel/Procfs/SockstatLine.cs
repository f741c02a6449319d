using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

/// <summary>One line of <c>/proc/net/sockstat</c> or <c>sockstat6</c>: a protocol, then pairs of key and number.</summary>
internal readonly ref struct SockstatLine
{
    private readonly ReadOnlySpan<byte> _fields;
    private readonly int _offset;

    private SockstatLine(ReadOnlySpan<byte> fields, int offset)
    {
        _fields = fields;
        _offset = offset;
    }

    /// <summary>Finds the line of a protocol.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="protocol">Start of the line, including the colon.</param>
    /// <param name="line">The line.</param>
    public static ParseError Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> protocol, out SockstatLine line)
    {
        var lines = new TextCursor(text);
        var isThere = lines.TryFindLine(protocol, out var fields, out var offset);
        line = isThere ? new SockstatLine(fields, offset + protocol.Length) : default;
        return isThere ? ParseError.None : lines.MissingLine();
    }

    /// <summary>Reads the number after a key. Skips other keys.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The number, 0 or more.</param>
    public ParseError Read(ReadOnlySpan<byte> key, out long value)
    {
        var words = new TextCursor(_fields);
        while (words.TryReadWord(out var candidate) && words.TryReadWord(out var number))
        {
            if (candidate.SequenceEqual(key))
            {
                var error = Number.ParseCount(number, out value);
                return error == SourceError.None ? ParseError.None : new ParseError(error, _offset + words.Offset - number.Length);
            }
        }

        value = 0;
        return ParseError.Malformed(_offset);
    }
}
