using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

/// <summary>Only a unit of the host's systemd counts. The end-to-end tests show who else may use the opener.</summary>
public sealed class OpenerClientsTests
{
    [Theory]
    [InlineData("0::/system.slice/tcpstat-exporter.service\n", true)]
    [InlineData("0::/system.slice/tcpstat-exporter.service/below\n", true)]
    [InlineData("12:memory:/system.slice/a.service\n1:name=systemd:/system.slice/tcpstat-exporter.service\n0::/system.slice/a.service\n", true)] // hybrid
    [InlineData("12:memory:/\n1:name=systemd:/system.slice/tcpstat-exporter.service\n", true)] // version 1
    [InlineData("", false)]
    [InlineData("0::/\n", false)]
    [InlineData("0::/system.slice/tcpstat-exporter.service2\n", false)]
    [InlineData("0::/system.slice/tcpstat-exporter.service", false)] // cut off
    [InlineData("0::/system.slice/other.service/tcpstat-exporter.service\n", false)] // Delegate=
    [InlineData("0::/user.slice/user-1000.slice/user@1000.service/app.slice/tcpstat-exporter.service\n", false)]
    [InlineData("0::/user.slice/user-1000.slice/user@1000.service/system.slice/tcpstat-exporter.service\n", false)]
    [InlineData("0::/../system.slice/tcpstat-exporter.service\n", false)] // outside of the opener's cgroup namespace
    [InlineData("12:memory:/system.slice/tcpstat-exporter.service\n1:name=systemd:/user.slice\n0::/user.slice\n", false)] // not systemd's hierarchy
    [InlineData("7:name=other:/system.slice/tcpstat-exporter.service\n0::/user.slice\n", false)]
    [InlineData("10::/system.slice/tcpstat-exporter.service\n", false)]
    [InlineData("0::/x:name=systemd:/system.slice/tcpstat-exporter.service\n", false)]
    public void A_process_belongs_to_the_unit_if_systemd_put_it_there(string cgroup, bool expected) =>
        new OpenerClients("tcpstat-exporter.service", user: null).IsOfUnit(Encoding.UTF8.GetBytes(cgroup)).ShouldBe(expected);
}
