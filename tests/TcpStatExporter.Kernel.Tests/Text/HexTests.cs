using System.Runtime.Intrinsics;
using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Text;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Text;

public sealed class HexTests
{
    [Theory]
    [InlineData("0123456789ABCDEF", "FEDCBA9876543210")]
    [InlineData("0000000000000000", "FFFFFFFFFFFFFFFF")]
    public void Decodes_what_the_kernel_prints(string first, string second)
    {
        Hex.Decode(Vector(first), Vector(second), out var bytes).ShouldBe(Vector128<byte>.AllBitsSet);
        Bytes(bytes).ShouldBe(Convert.FromHexString(first + second));
    }

    /// <summary>Every byte at every position.</summary>
    [Fact]
    public void Accepts_only_the_sixteen_digits()
    {
        const string other = "0123456789ABCDEF";
        var text = "9A0F9A0F9A0F9A0F"u8.ToArray();
        for (var place = 0; place < text.Length; place++)
        {
            var digit = text[place];
            for (var character = 0; character < 256; character++)
            {
                text[place] = (byte)character;
                var isDigit = char.IsAsciiHexDigitUpper((char)character);
                var vector = Vector128.Create(text);
                (Hex.AreDigits(vector)[place] == 0xff).ShouldBe(isDigit);
                (Hex.AreDigits(vector) == Vector128<byte>.AllBitsSet).ShouldBe(isDigit);
                (Hex.Decode(vector, Vector(other), out var left) == Vector128<byte>.AllBitsSet).ShouldBe(isDigit);
                (Hex.Decode(Vector(other), vector, out var right) == Vector128<byte>.AllBitsSet).ShouldBe(isDigit);
                if (isDigit)
                {
                    var hex = Encoding.ASCII.GetString(text);
                    Bytes(left).ShouldBe(Convert.FromHexString(hex + other));
                    Bytes(right).ShouldBe(Convert.FromHexString(other + hex));
                }
            }

            text[place] = digit;
        }
    }

    [Fact]
    public void Matches_a_pattern_character_by_character()
    {
        const string pattern = "__:__ ______ __:";
        for (var place = 0; place < pattern.Length; place++)
        {
            for (var character = 0; character < 256; character++)
            {
                var text = Encoding.ASCII.GetBytes(pattern);
                text[place] = (byte)character;
                var matches = pattern[place] == '_' || pattern[place] == character;
                var result = Hex.Match(Vector128.Create(text), Vector(pattern));
                result[place].ShouldBe(matches ? (byte)0xff : (byte)0);
                (result == Vector128<byte>.AllBitsSet).ShouldBe(matches);
            }
        }
    }

    private static Vector128<byte> Vector(string text) => Vector128.Create(Encoding.ASCII.GetBytes(text));

    private static byte[] Bytes(Vector128<byte> vector)
    {
        var bytes = new byte[Vector128<byte>.Count];
        vector.CopyTo(bytes);
        return bytes;
    }
}
