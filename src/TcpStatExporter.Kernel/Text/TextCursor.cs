namespace TcpStatExporter.Kernel.Text;

/// <summary>Walks over text from left to right, by lines or by the words of one line. Never reads past the end.</summary>
/// <param name="text">The text.</param>
/// <param name="offset">Where to start.</param>
internal ref struct TextCursor(ReadOnlySpan<byte> text, int offset = 0)
{
    private readonly ReadOnlySpan<byte> _text = text;

    /// <summary>Offset of the next byte from the start of the text.</summary>
    public int Offset { get; private set; } = offset;

    /// <summary>True if the whole text was read.</summary>
    public readonly bool AtEnd => Offset == _text.Length;

    /// <summary>
    /// Reads the next line, without its newline. A last line without a newline is not read: it may be cut off, and half a
    /// number looks like a whole one.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <returns>False if no complete line is left.</returns>
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

    /// <summary>Reads lines until one begins with a prefix.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="rest">The rest of that line.</param>
    /// <param name="offset">Offset of that line from the start of the text.</param>
    /// <returns>False if no complete line has the prefix. <see cref="MissingLine"/> says why.</returns>
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

    /// <summary>Skips blanks (space, tab) and reads up to the next blank or the end.</summary>
    /// <param name="word">The word. Not empty.</param>
    /// <returns>False if only blanks are left.</returns>
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

    /// <summary>
    /// Returns why a line was not found: the text is empty, it ends within a line, or it is complete but does not have the
    /// line.
    /// </summary>
    public readonly ParseError MissingLine() => _text.IsEmpty
        ? ParseError.Empty
        : AtEnd ? ParseError.Malformed(Offset) : ParseError.Truncated(Offset);

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';
}
