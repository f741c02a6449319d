using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Procfs;

/// <summary>Counter groups that not every kernel prints: Udp in snmp, MPTcpExt in netstat, Udp6 in snmp6.</summary>
public sealed class OptionalGroupTests
{
    private readonly CounterTable _table = new();

    [Fact]
    public void MPTCP_fallbacks_are_read()
    {
        Netstat.ParseMptcp(Fixture.Bytes($"{Fixture.TenStates}/proc/net/netstat"), _table).IsNone.ShouldBeTrue();
        _table.IndexOf("MPCapableFallbackSYNACK").ShouldBeGreaterThan(0);
        Netstat.ParseMptcp("TcpExt: A\nTcpExt: 1\nMPTcpExt: MPCapableFallbackACK DssFallback\nMPTcpExt: 3 4\n"u8, _table).IsNone.ShouldBeTrue();
        _table.Names.ToArray().ShouldBe(["MPCapableFallbackACK", "DssFallback"]);
        _table.Values.ToArray().ShouldBe([3UL, 4UL]);
    }

    /// <summary>The third case is what older kernels print in a namespace without an MPTCP socket.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("TcpExt: A\nTcpExt: 1\n")]
    [InlineData("TcpExt: A\nTcpExt: 1\nMPTcpExt: B C\nMPTcpExt: 0 0")]
    [InlineData("TcpExt: A\nTcpExt: 1\nMPTcpExt: B")]
    public void A_missing_or_cut_off_group_is_not_an_error(string text)
    {
        _table.SetNames(["Old"]);
        Netstat.ParseMptcp(Encoding.ASCII.GetBytes(text), _table).IsNone.ShouldBeTrue();
        _table.Names.Length.ShouldBe(0);
    }

    [Theory]
    [InlineData("Udp: A B\nUdp: 1\n", SourceError.HeaderMismatch)]
    [InlineData("Udp: A\nUdp: -1\n", SourceError.NumberOutOfRange)]
    [InlineData("Udp: A\nUdpLite: 1\n", SourceError.Malformed)]
    [InlineData("Udp: A\"\nUdp: 1\n", SourceError.Malformed)]
    public void A_broken_group_is_an_error_and_empties_the_table(string text, SourceError error)
    {
        _table.SetNames(["Old"]);
        Snmp.ParseUdp(Encoding.ASCII.GetBytes(text), _table).Kind.ShouldBe(error);
        _table.Names.Length.ShouldBe(0);
    }

    [Theory]
    [InlineData("", SourceError.Empty, 0)]
    [InlineData("Ip6InReceives\t1\nUdpLite6InErrors\t2\n", SourceError.Malformed, 35)]
    [InlineData("Udp6InErrors\t2", SourceError.Truncated, 0)]
    [InlineData("Udp6InErrors\t2\nUdp6NoPor", SourceError.Truncated, 15)]
    [InlineData("Udp6InErrors\t-2\n", SourceError.NumberOutOfRange, 0)]
    [InlineData("Udp6InErrors\t20000000000000000000\n", SourceError.NumberOutOfRange, 0)]
    [InlineData("Udp6InErrors\t2 3\n", SourceError.Malformed, 0)]
    [InlineData("Udp6InErrors\n", SourceError.Malformed, 0)]
    [InlineData("Ip6InReceives\t1\nUdp6In\"Errors\t2\n", SourceError.Malformed, 16)]
    public void Broken_snmp6_is_rejected_and_the_old_values_stay(string text, SourceError error, int offset)
    {
        _table.SetNames(["Old"]);
        var outcome = Snmp6.Parse(Encoding.ASCII.GetBytes(text), _table);
        (outcome.Kind, outcome.Offset).ShouldBe((error, offset));
        _table.Names.ToArray().ShouldBe(["Old"]);
    }

    [Fact]
    public void The_same_names_allocate_nothing_and_new_ones_are_stored()
    {
        var text = Fixture.Bytes($"{Fixture.Udp}/proc/net/snmp6");
        Snmp6.Parse(text, _table).IsNone.ShouldBeTrue();
        Allocated.By(() => Snmp6.Parse(text, _table)).ShouldBe(0);
        Snmp6.Parse("Udp6InErrors\t7\nUdp6Later\t8\n"u8, _table).IsNone.ShouldBeTrue();
        _table.Names.ToArray().ShouldBe(["InErrors", "Later"]);
        _table.Values.ToArray().ShouldBe([7UL, 8UL]);
    }
}
