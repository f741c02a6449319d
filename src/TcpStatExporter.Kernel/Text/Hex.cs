using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TcpStatExporter.Kernel.Text;

/// <summary>
/// Fixed-width hexadecimal as the kernel prints it with %02X, %04X and %08X, upper case alone. All digits are decoded
/// at once, inside one 64-bit word or a vector, and each method returns a number that is 0 if all were digits, so that the faults
/// of a row can be gathered with | and looked at once.
/// </summary>
internal static class Hex
{
    private const ulong Each = 0x0101_0101_0101_0101;

    /// <summary>Decodes two digits.</summary>
    /// <param name="digits">At least two bytes; the first two are read.</param>
    /// <param name="value">The number, if the result is 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read2(ReadOnlySpan<byte> digits, out byte value)
    {
        var fault = Decode(BinaryPrimitives.ReadUInt16LittleEndian(digits) | 0x3030_3030_3030_0000UL, out var bytes);
        value = (byte)bytes;
        return fault;
    }

    /// <summary>Decodes four digits.</summary>
    /// <param name="digits">At least four bytes; the first four are read.</param>
    /// <param name="value">The number, if the result is 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read4(ReadOnlySpan<byte> digits, out ushort value)
    {
        var fault = Decode(BinaryPrimitives.ReadUInt32LittleEndian(digits) | 0x3030_3030_0000_0000UL, out var bytes);
        value = BinaryPrimitives.ReverseEndianness((ushort)bytes);
        return fault;
    }

    /// <summary>Decodes eight digits.</summary>
    /// <param name="digits">At least eight bytes; the first eight are read.</param>
    /// <param name="value">The number, if the result is 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read8(ReadOnlySpan<byte> digits, out uint value)
    {
        var fault = Decode(BinaryPrimitives.ReadUInt64LittleEndian(digits), out var bytes);
        value = BinaryPrimitives.ReverseEndianness(bytes);
        return fault;
    }

    /// <summary>Decodes thirty-two digits into sixteen bytes.</summary>
    /// <param name="digits">Exactly thirty-two bytes.</param>
    /// <param name="first">The first eight bytes, the first of them lowest, if the result is 0.</param>
    /// <param name="second">The other eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read32(ReadOnlySpan<byte> digits, out ulong first, out ulong second)
    {
        var valid = Decode(Vector128.Create(digits[..16]), out var low) & Decode(Vector128.Create(digits[16..]), out var high);
        var bytes = Vector128.Narrow(low, high).AsUInt64();
        first = bytes.GetElement(0);
        second = bytes.GetElement(1);
        return valid == Vector128<byte>.AllBitsSet ? 0UL : 1UL;
    }

    /// <summary>0 if a byte is the character that the kernel prints in this place.</summary>
    /// <param name="actual">The byte.</param>
    /// <param name="expected">An ASCII character.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Differ(byte actual, char expected) => (ulong)actual ^ expected;

    /// <summary>Turns eight digits, the first in the lowest byte, into four bytes, the first in the lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Decode(ulong text, out uint bytes)
    {
        // '0'…'9' are 0x30…0x39 and 'A'…'F' are 0x41…0x46: bit 6 tells a letter, which stands for its low nibble + 9.
        var letter = (text >> 6) & Each;
        var nibble = (text & (0x0f * Each)) + (9 * letter);

        // Printed again as the kernel would, a digit gives the same character; '@' and 'G' to 'O' need a look at the
        // nibble itself. No byte of these sums overflows: a nibble is at most 15 + 9 here.
        var above9 = ((nibble + (6 * Each)) >> 4) & Each;
        var again = nibble + (0x30 * Each) + (7 * above9);
        var fault = (again ^ text) | (nibble & (0xf0 * Each));

        var pairs = ((nibble << 4) | (nibble >> 8)) & 0x00ff_00ff_00ff_00ff;
        pairs = (pairs | (pairs >> 8)) & 0x0000_ffff_0000_ffff;
        bytes = (uint)(pairs | (pairs >> 16));
        return fault;
    }

    /// <summary>Turns sixteen digits into eight bytes, each in a lane of sixteen bits; all bits of a valid digit are set in the result.</summary>
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
