using System.Globalization;
using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Text;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Text;

public sealed class HexTests
{
    [Theory]
    [InlineData(0x00000000u)]
    [InlineData(0x0100007fu)]
    [InlineData(0x12345678u)]
    [InlineData(0x9abcdef0u)]
    [InlineData(0xffffffffu)]
    public void Reads_what_the_kernel_prints(uint value)
    {
        Hex.Read8(Encoding.ASCII.GetBytes(value.ToString("X8", CultureInfo.InvariantCulture)), out var eight).ShouldBe(0ul);
        eight.ShouldBe(value);
        Hex.Read4(Encoding.ASCII.GetBytes(((ushort)value).ToString("X4", CultureInfo.InvariantCulture)), out var four).ShouldBe(0ul);
        four.ShouldBe((ushort)value);
        Hex.Read2(Encoding.ASCII.GetBytes(((byte)value).ToString("X2", CultureInfo.InvariantCulture)), out var two).ShouldBe(0ul);
        two.ShouldBe((byte)value);
    }

    /// <summary>Every byte in every place, between digits that a carry would change.</summary>
    [Theory]
    [InlineData("00000000")]
    [InlineData("FFFFFFFF")]
    [InlineData("9A9A9A9A")]
    public void Takes_the_sixteen_digits_and_nothing_else(string around)
    {
        var text = Encoding.ASCII.GetBytes(around);
        for (var place = 0; place < 8; place++)
        {
            for (var character = 0; character < 256; character++)
            {
                text[place] = (byte)character;
                var isDigit = char.IsAsciiHexDigitUpper((char)character);
                (Hex.Read8(text, out var value) == 0).ShouldBe(isDigit);
                if (isDigit)
                {
                    value.ShouldBe(uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                }

                if (place < 4)
                {
                    (Hex.Read4(text, out _) == 0).ShouldBe(isDigit);
                }

                if (place < 2)
                {
                    (Hex.Read2(text, out _) == 0).ShouldBe(isDigit);
                }
            }

            text[place] = (byte)around[place];
        }
    }

    [Fact]
    public void Reads_an_IPv6_address()
    {
        Hex.Read32("B80D0120000000000102030401000000"u8, out var first, out var second).ShouldBe(0ul);
        first.ShouldBe(0x00000000_20010db8ul);
        second.ShouldBe(0x00000001_04030201ul);
    }

    [Fact]
    public void Takes_thirty_two_digits_and_nothing_else()
    {
        var text = "0123456789ABCDEFFEDCBA9876543210"u8.ToArray();
        for (var place = 0; place < text.Length; place++)
        {
            var digit = text[place];
            for (var character = 0; character < 256; character++)
            {
                text[place] = (byte)character;
                var isDigit = char.IsAsciiHexDigitUpper((char)character);
                (Hex.Read32(text, out var first, out var second) == 0).ShouldBe(isDigit);
                if (isDigit)
                {
                    var bytes = Convert.FromHexString(Encoding.ASCII.GetString(text));
                    first.ShouldBe(BitConverter.ToUInt64(bytes));
                    second.ShouldBe(BitConverter.ToUInt64(bytes, 8));
                }
            }

            text[place] = digit;
        }
    }
}
