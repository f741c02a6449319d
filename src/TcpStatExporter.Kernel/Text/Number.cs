using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Text;

/// <summary>Decimal numbers as the kernel prints them: digits, with a minus sign if the kernel's format is signed.</summary>
internal static class Number
{
    /// <summary>Reads a word as a number from 0 to 2⁶⁴ − 1.</summary>
    /// <param name="word">The whole word.</param>
    /// <param name="value">The number; 0 on an error.</param>
    /// <returns>
    /// <see cref="SourceError.NumberOutOfRange"/> if the number is negative or too large. <see cref="SourceError.Malformed"/>
    /// if it is not a number.
    /// </returns>
    public static SourceError Parse(ReadOnlySpan<byte> word, out ulong value)
    {
        if (IsNegative(word))
        {
            value = 0;
            return ReadDigits(word[1..], out _) == SourceError.Malformed ? SourceError.Malformed : SourceError.NumberOutOfRange;
        }

        return ReadDigits(word, out value);
    }

    /// <summary>Reads a word as a number from −2⁶³ to 2⁶³ − 1.</summary>
    /// <param name="word">The whole word.</param>
    /// <param name="value">The number; 0 on an error.</param>
    /// <returns>Same as the unsigned form, but negative numbers are valid.</returns>
    public static SourceError Parse(ReadOnlySpan<byte> word, out long value)
    {
        value = 0;
        var negative = IsNegative(word);
        var error = ReadDigits(negative ? word[1..] : word, out var magnitude);
        if (error != SourceError.None)
        {
            return error;
        }

        if (magnitude > (negative ? 1UL << 63 : long.MaxValue))
        {
            return SourceError.NumberOutOfRange;
        }

        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return SourceError.None;
    }

    /// <summary>Reads a word as a number from 0 to 2⁶³ − 1.</summary>
    /// <param name="word">The whole word.</param>
    /// <param name="value">The number; 0 on an error.</param>
    /// <returns>Same as the unsigned form.</returns>
    public static SourceError ParseCount(ReadOnlySpan<byte> word, out long value)
    {
        var error = Parse(word, out ulong number);
        if (error == SourceError.None && number > long.MaxValue)
        {
            error = SourceError.NumberOutOfRange;
        }

        value = error == SourceError.None ? (long)number : 0;
        return error;
    }

    /// <summary>Reads a number of at most sixteen digits at the end of a text, without a loop.</summary>
    /// <param name="text">The text. Bytes before the number are loaded too, and may be anything.</param>
    /// <param name="length">Number of digits.</param>
    /// <param name="value">The number. Any value if the result is false.</param>
    /// <returns>
    /// False if the length is not 1 to 16, if a character is not a digit, or if the text has fewer than 8 bytes (16 for more
    /// than 8 digits).
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParseEnd(ReadOnlySpan<byte> text, int length, out ulong value)
    {
        const int half = sizeof(ulong);
        if (length <= half)
        {
            return TryParseHalf(text, length, out value);
        }

        value = 0;
        if (text.Length < 2 * half || !TryParseHalf(text, half, out var low) || !TryParseHalf(text[..^half], length - half, out var high))
        {
            return false;
        }

        value = (high * 100_000_000) + low;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryParseHalf(ReadOnlySpan<byte> text, int length, out ulong value)
    {
        const ulong each = 0x0101_0101_0101_0101;
        const ulong zeros = '0' * each;
        const ulong upper = 0xf0 * each;
        value = 0;
        if (length is < 1 or > sizeof(ulong) || text.Length < sizeof(ulong))
        {
            return false;
        }

        // The last digit is in the highest byte. What precedes the number becomes zeros.
        var other = (ulong.MaxValue >> (8 * (length - 1))) >> 8;
        var digits = BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]);
        digits = (digits & ~other) | (zeros & other);

        // '0' to '9' are 0x30 to 0x39, which is still 0x3… after adding 6. Another byte may carry, but it has already failed
        // the test.
        if (((digits & upper) | (((digits + (6 * each)) & upper) >> 4)) != 0x33 * each)
        {
            return false;
        }

        // join neighbours: digits to pairs, pairs to fours, fours to all
        digits -= zeros;
        digits = (digits * 10) + (digits >> 8);
        value = (((digits & 0x0000_00ff_0000_00ff) * (100 + (1_000_000UL << 32)))
            + (((digits >> 16) & 0x0000_00ff_0000_00ff) * (1 + (10_000UL << 32)))) >> 32;
        return true;
    }

    private static bool IsNegative(ReadOnlySpan<byte> word) => word.Length > 0 && word[0] == '-';

    private static SourceError ReadDigits(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        if (digits.IsEmpty)
        {
            return SourceError.Malformed;
        }

        ulong number = 0;
        foreach (var character in digits)
        {
            var digit = (uint)character - '0';
            if (digit > 9)
            {
                return SourceError.Malformed;
            }

            if (number > ulong.MaxValue / 10 || (number == ulong.MaxValue / 10 && digit > ulong.MaxValue % 10))
            {
                return SourceError.NumberOutOfRange;
            }

            number = (number * 10) + digit;
        }

        value = number;
        return SourceError.None;
    }
}
