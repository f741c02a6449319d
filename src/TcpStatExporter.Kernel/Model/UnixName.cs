using System.Buffers;
using System.Globalization;
using System.Text;

namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// The name of an AF_UNIX socket as text: a path as it was bound, an abstract name with <c>@</c> in place of its first byte.
/// </summary>
/// <remarks>
/// A name may hold any bytes. What cannot be shown is written as <c>\xNN</c>: control characters, invalid UTF-8, invisible
/// characters, and the backslash itself. What changes at each start is left out, as far as it shows: the names that the kernel
/// gives by itself (autobind in net/unix/af_unix.c: five hexadecimal digits), and hashes and UUIDs, which become <c>*</c>. So do
/// numbers in the folders of temporary files, where they are process ids: <c>/tmp/dotnet-diagnostic-*-*-socket</c>.
/// </remarks>
public static class UnixName
{
    /// <summary>Most characters of a text. Names that differ only beyond that become equal.</summary>
    public const int MaxLength = 200;

    private const int AutobindLength = 5;

    /// <summary>Hexadecimal digits from which on a word is a hash.</summary>
    private const int HashLength = 16;

    private const int UuidPartLength = 8;

    /// <summary>Digits from which on a number in a folder of temporary files is a process id.</summary>
    private const int IdLength = 3;

    private static readonly string[] TemporaryFolders = ["/tmp/", "/var/tmp/", "/dev/shm/"];

    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Where(c => c != '\\').Select(c => (byte)c)]);
    private static readonly SearchValues<byte> AutobindDigits = SearchValues.Create("0123456789abcdef"u8);
    private static readonly SearchValues<char> Decimal = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> HashCharacters = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>Writes the text of a name.</summary>
    /// <param name="name">sun_path, with the NUL that ends a path or begins an abstract name.</param>
    /// <param name="text">At least <see cref="MaxLength"/> characters.</param>
    /// <returns>Characters written; 0 for a socket without a name of its own.</returns>
    public static int Format(ReadOnlySpan<byte> name, Span<char> text)
    {
        text = text[..MaxLength];
        var length = 0;
        if (name.Length > 0 && name[0] == 0)
        {
            // programs that pass the whole of sun_path as a name have it end in NULs
            name = name[1..].TrimEnd((byte)0);
            if (name.IsEmpty || (name.Length == AutobindLength && !name.ContainsAnyExcept(AutobindDigits)))
            {
                return 0;
            }

            text[length++] = '@';
        }
        else
        {
            name = name.IndexOf((byte)0) is var end and >= 0 ? name[..end] : name;
        }

        while (!name.IsEmpty)
        {
            var plain = name.IndexOfAnyExcept(Plain) is var other and >= 0 ? other : name.Length;
            plain = Math.Min(plain, text.Length - length);
            _ = Ascii.ToUtf16(name[..plain], text[length..], out _);
            length += plain;
            name = name[plain..];
            if (name.IsEmpty)
            {
                break;
            }

            var status = Rune.DecodeFromUtf8(name, out var rune, out var bytes);
            var written = status == OperationStatus.Done && rune.Value != '\\' && IsVisible(rune) ? Write(rune, text[length..]) : Escape(name[..bytes], text[length..]);
            if (written == 0)
            {
                break;
            }

            length += written;
            name = name[bytes..];
        }

        return Mask(text[..length]);
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static int Write(Rune rune, Span<char> text) => rune.TryEncodeToUtf16(text, out var written) ? written : 0;

    private static int Escape(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        const string Digits = "0123456789abcdef";
        var length = 0;
        if (text.Length < bytes.Length * 4)
        {
            return 0;
        }

        foreach (var value in bytes)
        {
            (text[length], text[length + 1], text[length + 2], text[length + 3]) = ('\\', 'x', Digits[value >> 4], Digits[value & 0xf]);
            length += 4;
        }

        return length;
    }

    /// <summary>Puts a star in place of each hash and UUID, and of process ids.</summary>
    private static int Mask(Span<char> text)
    {
        var isTemporary = IsTemporary(text);
        if (text.Length < HashLength && !isTemporary)
        {
            return text.Length;
        }

        var length = 0;
        for (var at = 0; at < text.Length;)
        {
            var word = text[at..];
            var rest = word.IndexOfAnyExcept(HashCharacters);
            word = rest < 0 ? word : word[..rest];
            at += word.Length;
            var hash = HashStart(word);
            word[..hash].CopyTo(text[length..]);
            length += isTemporary ? MaskIds(text.Slice(length, hash)) : hash;
            if (hash < word.Length)
            {
                text[length++] = '*';
            }

            if (at < text.Length)
            {
                text[length++] = text[at++];
            }
        }

        return length;
    }

    private static bool IsTemporary(ReadOnlySpan<char> text)
    {
        foreach (var folder in TemporaryFolders)
        {
            if (text.StartsWith(folder, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static int MaskIds(Span<char> word)
    {
        var length = 0;
        for (var at = 0; at < word.Length;)
        {
            var digits = word[at..].IndexOfAnyExcept(Decimal) is var end and >= 0 ? end : word.Length - at;
            if (digits >= IdLength)
            {
                word[length++] = '*';
                at += digits;
                continue;
            }

            var copied = Math.Max(1, digits);
            word.Slice(at, copied).CopyTo(word[length..]);
            length += copied;
            at += copied;
        }

        return length;
    }

    /// <summary>Where in a word of hexadecimal digits and hyphens a hash begins that goes to its end; its length where there is none.</summary>
    private static int HashStart(ReadOnlySpan<char> word)
    {
        // the first part of a UUID has eight digits: a shorter one before it belongs to the name
        var start = 0;
        while (word[start..].IndexOf('-') is >= 0 and < UuidPartLength and var hyphen)
        {
            start += hyphen + 1;
        }

        // of letters alone it would be words
        var hash = word[start..];
        return hash.Length - hash.Count('-') >= HashLength && hash.ContainsAny(Decimal) ? start : word.Length;
    }
}
