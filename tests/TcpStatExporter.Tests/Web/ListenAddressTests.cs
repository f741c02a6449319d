using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData(":10006", null, 10006)]
    [InlineData(":0", null, 0)]
    [InlineData("127.0.0.1:80", "127.0.0.1", 80)]
    [InlineData("0.0.0.0:65535", "0.0.0.0", 65535)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("[::]:80", "::", 80)]
    [InlineData("localhost:80", "127.0.0.1", 80)]
    [InlineData("80", null, 80)]
    [InlineData("*:80", null, 80)]
    public void Parses_listen_addresses(string text, string? address, int port)
    {
        ListenAddress.TryParse(text, out var value).ShouldBeTrue();
        value.Address?.ToString().ShouldBe(address);
        value.Port.ShouldBe(port);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("65536")]
    [InlineData(":")]
    [InlineData(":65536")]
    [InlineData(":-1")]
    [InlineData(":http")]
    [InlineData("127.1:80")]
    [InlineData("1:80")]
    [InlineData("::1:80")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("[[::1]]:80")]
    [InlineData("[]:80")]
    [InlineData("[:80")]
    [InlineData("]:80")]
    [InlineData("example.org:80")]
    [InlineData("127.0.0.1:80:90")]
    public void Rejects_what_is_not_an_address(string text) => ListenAddress.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Accepts_no_port_out_of_range_and_never_throws() => Prop.ForAll<string>(text => IsSound(text + ":80") && IsSound("[" + text + "]:80")).QuickCheckThrowOnFailure();

    private static bool IsSound(string text) => !ListenAddress.TryParse(text, out var value) || value.Port is >= 0 and <= ushort.MaxValue;
}
