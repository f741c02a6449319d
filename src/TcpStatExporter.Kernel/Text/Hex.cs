using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TcpStatExporter.Kernel.Text;

/// <summary>
/// Reads hexadecimal columns as the kernel prints them with %02X, %04X and %08X, upper case only, sixteen characters at a
/// time. Each method returns all bits set for every valid character, so the vectors of a row can be combined with &amp; and
/// tested once.
/// </summary>
internal static class Hex
{
    /// <summary>Matches any character in a pattern.</summary>
    public const byte Any = (byte)'_';

    /// <summary>Decodes sixteen digits twice, into sixteen bytes.</summary>
    /// <param name="first">Digits of the first eight bytes.</param>
    /// <param name="second">Digits of the other eight bytes.</param>
    /// <param name="bytes">The bytes. A byte with an invalid digit may have any value.</param>
    /// <returns>All bits set if all characters of both are digits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Decode(Vector128<byte> first, Vector128<byte> second, out Vector128<byte> bytes)
    {
        var valid = Decode(first, out var low) & Decode(second, out var high);
        bytes = Vector128.Narrow(low, high);
        return valid;
    }

    /// <summary>Shows which characters are digits.</summary>
    /// <param name="text">The characters.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AreDigits(Vector128<byte> text) => Decode(text, out _);

    /// <summary>Shows which characters match a pattern.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="pattern">What to match: <see cref="Any"/>, or exactly this character.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Match(Vector128<byte> text, Vector128<byte> pattern) =>
        Vector128.Equals(text, pattern) | Vector128.Equals(pattern, Vector128.Create(Any));

    /// <summary>Returns the byte that two digits stand for. Any value if they are not digits.</summary>
    /// <param name="high">The first digit.</param>
    /// <param name="low">The second digit.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Byte(byte high, byte low) => (byte)((Nibble(high) << 4) | (Nibble(low) & 0xf));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Nibble(byte digit) => digit <= '9' ? digit - '0' : digit - 'A' + 10;

    /// <summary>Decodes sixteen digits into eight bytes, each in a 16-bit lane, and shows which were digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Decode(Vector128<byte> text, out Vector128<ushort> bytes)
    {
        var digit = text - Vector128.Create((byte)'0');
        var letter = text - Vector128.Create((byte)'A');
        var isDigit = Vector128.LessThanOrEqual(digit, Vector128.Create((byte)9));
        var isLetter = Vector128.LessThanOrEqual(letter, Vector128.Create((byte)5));
        var nibble = Vector128.ConditionalSelect(isDigit, digit, letter + Vector128.Create((byte)10)).AsUInt16();
        bytes = ((nibble << 4) | (nibble >>> 8)) & Vector128.Create((ushort)0xff);
        return isDigit | isLetter;
    }
}
