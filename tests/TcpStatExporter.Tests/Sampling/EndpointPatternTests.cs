using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class EndpointPatternTests
{
    [Theory]
    [InlineData(":80", "10.0.0.1", 80, true)]
    [InlineData(":80", "::1", 80, true)]
    [InlineData(":80", "::1", 81, false)]
    [InlineData(":8000-8999", "::1", 8000, true)]
    [InlineData(":8000-8999", "::1", 8999, true)]
    [InlineData(":8000-8999", "::1", 7999, false)]
    [InlineData(":8000-8999", "::1", 9000, false)]
    [InlineData(":0-65535", "::1", 65535, true)]
    [InlineData("127.0.0.0/8", "127.255.255.255", 1, true)]
    [InlineData("127.0.0.0/8", "128.0.0.0", 1, false)]
    [InlineData("127.0.0.0/8", "126.255.255.255", 1, false)]
    [InlineData("10.0.0.5:443", "10.0.0.5", 443, true)]
    [InlineData("10.0.0.5:443", "10.0.0.4", 443, false)]
    [InlineData("10.0.0.5:443", "10.0.0.5", 80, false)]
    [InlineData("10.0.0.5/31:443", "10.0.0.4", 443, true)] // the bits below the prefix do not count
    [InlineData("0.0.0.0/0", "10.0.0.1", 1, true)]
    [InlineData("0.0.0.0/0", "::1", 1, false)]
    [InlineData("0.0.0.0", "0.0.0.0", 1, true)]
    [InlineData("0.0.0.0", "10.0.0.1", 1, false)]
    [InlineData("[2001:db8::/32]:443", "2001:db8:ffff::1", 443, true)]
    [InlineData("[2001:db8::/32]:443", "2001:db9::1", 443, false)]
    [InlineData("[2001:db8::/64]", "2001:db8::ffff:0:0:1", 1, true)]
    [InlineData("[2001:db8::/64]", "2001:db8:0:1::1", 1, false)]
    [InlineData("[2001:db8::/65]", "2001:db8::7fff:0:0:1", 1, true)]
    [InlineData("[2001:db8::/65]", "2001:db8::8000:0:0:1", 1, false)]
    [InlineData("[::/0]", "2001:db8::1", 1, true)]
    [InlineData("[::/0]", "10.0.0.1", 1, false)]
    [InlineData("[::]", "::", 80, true)]
    [InlineData("[::]", "::1", 80, false)]
    [InlineData("[::1/128]:80", "::1", 80, true)]
    public void Fits(string text, string address, ushort port, bool fits)
    {
        EndpointPattern.TryParse(text, out var pattern).ShouldBeTrue();
        pattern.Fits(Ip(address), port).ShouldBe(fits);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("80")]
    [InlineData(":65536")]
    [InlineData(":-1")]
    [InlineData(":90-80")]
    [InlineData(":80-")]
    [InlineData(":+80")]
    [InlineData(": 80")]
    [InlineData("127.1")]
    [InlineData("10.0.0.1/33")]
    [InlineData("10.0.0.1/-1")]
    [InlineData("10.0.0.1/")]
    [InlineData("10.0.0.1/8/8")]
    [InlineData("/8:80")]
    [InlineData("[::/129]")]
    [InlineData("::1")] // IPv6 stands in brackets
    [InlineData("2001:db8::/32")]
    [InlineData("[10.0.0.1]")]
    [InlineData("[::1")]
    [InlineData("::1]:80")]
    [InlineData("[[::1]]:80")]
    [InlineData("[[::1]:99]:80")]
    [InlineData("[]:80")]
    [InlineData("host:80")]
    [InlineData("10.0.0.1:80:90")]
    public void Refuses(string text) => EndpointPattern.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("", "", 80, true)]
    [InlineData(":80", "", 80, true)]
    [InlineData(":80", "", 81, false)]
    [InlineData("", ":80", 80, false)]
    [InlineData(":80", "10.0.0.0/8", 80, false)] // exclude wins
    [InlineData(":79 :80", ":81 :82", 80, true)]
    public void Filters(string include, string exclude, ushort port, bool selected) =>
        new ListenerFilter(Patterns(include), Patterns(exclude)).Selects(Ip("10.0.0.1"), port).ShouldBe(selected);

    private static EndpointPattern[] Patterns(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => EndpointPattern.TryParse(word, out var pattern) ? pattern : throw new FormatException(word))];
}
