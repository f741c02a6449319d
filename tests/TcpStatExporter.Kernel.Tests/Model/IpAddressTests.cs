using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Model;

public sealed class IpAddressTests
{
    [Theory]
    [InlineData(0x7f000001u, "127.0.0.1")]
    [InlineData(0u, "0.0.0.0")]
    [InlineData(0xc0000201u, "192.0.2.1")]
    public void Prints_IPv4(uint value, string expected) => IpAddress.FromIPv4(value).ToString().ShouldBe(expected);

    [Theory]
    [InlineData(0ul, 0ul, "::")]
    [InlineData(0ul, 1ul, "::1")]
    [InlineData(0x20010db8_00000000ul, 0x42ul, "2001:db8::42")]
    [InlineData(0ul, 0xffff_7f000001ul, "::ffff:127.0.0.1")]
    public void Prints_IPv6(ulong high, ulong low, string expected) => IpAddress.FromIPv6(high, low).ToString().ShouldBe(expected);

    [Fact]
    public void Distinguishes_the_wildcards_of_the_families()
    {
        IpAddress.FromIPv4(0).ShouldNotBe(IpAddress.FromIPv6(0, 0));
        IpAddress.FromIPv4(0).ShouldNotBe(IpAddress.FromIPv6(0, 0xffff_00000000));
    }

    [Fact]
    public void Unmaps_only_mapped_addresses()
    {
        var mapped = IpAddress.FromIPv6(0, 0xffff_7f000001);
        mapped.IsMappedIPv4.ShouldBeTrue();
        mapped.Unmapped().ShouldBe(IpAddress.FromIPv4(0x7f000001));
        mapped.ShouldNotBe(IpAddress.FromIPv4(0x7f000001));
        IpAddress.FromIPv6(0, 1).Unmapped().ShouldBe(IpAddress.FromIPv6(0, 1));
        IpAddress.FromIPv4(5).IsMappedIPv4.ShouldBeFalse();
    }
}
