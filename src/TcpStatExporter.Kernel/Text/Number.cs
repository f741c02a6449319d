using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Text;

/// <summary>Decimal numbers as the kernel prints them: digits, with a minus sign where the kernel's format is signed.</summary>
internal static class Number
{
    /// <summary>Reads a word as a number from 0 to 2⁶⁴ − 1.</summary>
    /// <param name="word">The whole word.</param>
    /// <param name="value">The number; 0 on an error.</param>
    /// <returns>
    /// <see cref="SourceError.NumberOutOfRange"/> for a negative number and for one that is too large,
    /// <see cref="SourceError.Malformed"/> for what is no number.
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
    /// <returns>As the unsigned form, but a negative number is within the range.</returns>
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
    /// <returns>As the unsigned form.</returns>
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
