namespace TcpStatExporter.Kernel.Text;

/// <summary>Walks over text from left to right: whole lines, or the words of one line. Never reads past the end.</summary>
/// <param name="text">The text.</param>
/// <param name="offset">Where to begin.</param>
internal ref struct TextCursor(ReadOnlySpan<byte> text, int offset = 0)
{
    private readonly ReadOnlySpan<byte> _text = text;

    /// <summary>The next byte, counted from the start of the text.</summary>
    public int Offset { get; private set; } = offset;

    /// <summary>All of it was read.</summary>
    public readonly bool AtEnd => Offset == _text.Length;

    /// <summary>
    /// Takes the next line, without its newline. A last line that has none is left unread: it may have been cut, and
    /// half a number looks like a whole one.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <returns>False if no whole line is left.</returns>
    public bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        var rest = _text[Offset..];
        var length = rest.IndexOf((byte)'\n');
        if (length < 0)
        {
            line = default;
            return false;
        }

        line = rest[..length];
        Offset += length + 1;
        return true;
    }

    /// <summary>Takes lines up to the first that begins with something.</summary>
    /// <param name="prefix">What it begins with.</param>
    /// <param name="rest">What follows in that line.</param>
    /// <param name="offset">Where the line begins, counted from the start of the text.</param>
    /// <returns>False if no whole line does; <see cref="MissingLine"/> tells why.</returns>
    public bool TryFindLine(ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> rest, out int offset)
    {
        offset = Offset;
        while (TryReadLine(out rest))
        {
            if (rest.StartsWith(prefix))
            {
                rest = rest[prefix.Length..];
                return true;
            }

            offset = Offset;
        }

        return false;
    }

    /// <summary>Skips blanks (space, tab) and takes the bytes up to the next blank or the end.</summary>
    /// <param name="word">The word, not empty.</param>
    /// <returns>False if nothing but blanks is left.</returns>
    public bool TryReadWord(out ReadOnlySpan<byte> word)
    {
        var start = Offset;
        while (start < _text.Length && IsBlank(_text[start]))
        {
            start++;
        }

        var end = start;
        while (end < _text.Length && !IsBlank(_text[end]))
        {
            end++;
        }

        Offset = end;
        word = _text[start..end];
        return end > start;
    }

    /// <summary>Why a line was not found: the text ended inside a line, or ended as it should without it.</summary>
    public readonly ParseError MissingLine() => _text.IsEmpty
        ? ParseError.Empty
        : AtEnd ? ParseError.Malformed(Offset) : ParseError.Truncated(Offset);

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';
}
