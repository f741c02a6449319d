using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TcpStatExporter.Kernel.Text;

/// <summary>
/// Columns of hexadecimal as the kernel prints them with %02X, %04X and %08X, upper case alone, sixteen characters at a
/// time. All bits of a character that is as it should be are set in what each method says of it, so that a row's
/// vectors can be gathered with &amp; and looked at once.
/// </summary>
internal static class Hex
{
    /// <summary>Stands for any character in a pattern.</summary>
    public const byte Any = (byte)'_';

    /// <summary>Decodes sixteen digits twice, into sixteen bytes.</summary>
    /// <param name="first">Digits of the first eight bytes.</param>
    /// <param name="second">Those of the other eight.</param>
    /// <param name="bytes">The bytes; one of which a digit is wrong may be any.</param>
    /// <returns>All bits set if every character of both is a digit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Decode(Vector128<byte> first, Vector128<byte> second, out Vector128<byte> bytes)
    {
        var valid = Decode(first, out var low) & Decode(second, out var high);
        bytes = Vector128.Narrow(low, high);
        return valid;
    }

    /// <summary>Tells the digits among characters.</summary>
    /// <param name="text">The characters.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AreDigits(Vector128<byte> text) => Decode(text, out _);

    /// <summary>Tells the characters that are as in a pattern.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="pattern">What they should be: <see cref="Any"/>, or that character and no other.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Match(Vector128<byte> text, Vector128<byte> pattern) =>
        Vector128.Equals(text, pattern) | Vector128.Equals(pattern, Vector128.Create(Any));

    /// <summary>The byte that two digits make; any where they are none.</summary>
    /// <param name="high">The first digit.</param>
    /// <param name="low">The second digit.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Byte(byte high, byte low) => (byte)((Nibble(high) << 4) | (Nibble(low) & 0xf));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Nibble(byte digit) => digit <= '9' ? digit - '0' : digit - 'A' + 10;

    /// <summary>Turns sixteen digits into eight bytes, each in a lane of sixteen bits, and tells which were digits.</summary>
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
