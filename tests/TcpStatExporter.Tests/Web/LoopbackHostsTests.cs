using Shouldly;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class LoopbackHostsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("192.0.2.7")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("localhost.")]
    [InlineData("exporter.localhost")]
    [InlineData("ip6-localhost")]
    [InlineData("db-7")]
    [InlineData("DB-7")]
    public void Addresses_localhost_and_the_hosts_name_are_its_own(string host) => LoopbackHosts.IsOwn(host, "db-7").ShouldBeTrue();

    [Theory]
    [InlineData("attacker.example")]
    [InlineData("attacker")]
    [InlineData("db-7.attacker.example")]
    [InlineData("db-77")]
    [InlineData("localhost.attacker.example")]
    [InlineData("notlocalhost")]
    [InlineData("127.0.0.1.attacker.example")]
    [InlineData("127.0.0.1.nip.io")]
    public void A_name_that_anybody_can_point_here_is_not(string host) => LoopbackHosts.IsOwn(host, "db-7").ShouldBeFalse();
}
