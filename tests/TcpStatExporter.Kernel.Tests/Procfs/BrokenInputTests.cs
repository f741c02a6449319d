using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Procfs;

/// <summary>Each file in tests/Fixtures/broken and its expected error.</summary>
public sealed class BrokenInputTests
{
    public static TheoryData<string, SourceError> Expected => new()
    {
        { "tcp.empty", SourceError.Empty },
        { "tcp.garbage", SourceError.Malformed },
        { "tcp.no-header", SourceError.Malformed },
        { "tcp.no-newline", SourceError.Truncated },
        { "tcp.truncated-line", SourceError.Truncated },
        { "tcp.short-row", SourceError.Malformed },
        { "tcp.no-inode", SourceError.Malformed },
        { "tcp.bad-digit", SourceError.Malformed },
        { "tcp.lower-case", SourceError.Malformed },
        { "tcp.ipv6-row", SourceError.Malformed },
        { "tcp.long-line", SourceError.Malformed },
        { "tcp.negative-inode", SourceError.NumberOutOfRange },
        { "tcp.twenty-digit-inode", SourceError.NumberOutOfRange },
        { "tcp.unknown-state", SourceError.None },
        { "tcp.extra-column", SourceError.None },
        { "tcp6.truncated-line", SourceError.Truncated },
        { "tcp6.ipv4-row", SourceError.Malformed },
        { "netstat.empty", SourceError.Empty },
        { "netstat.garbage", SourceError.Truncated },
        { "netstat.value-missing", SourceError.HeaderMismatch },
        { "netstat.value-extra", SourceError.HeaderMismatch },
        { "netstat.negative", SourceError.NumberOutOfRange },
        { "netstat.twenty-digits", SourceError.NumberOutOfRange },
        { "netstat.not-a-number", SourceError.Malformed },
        { "netstat.bad-name", SourceError.Malformed },
        { "netstat.truncated-header", SourceError.Truncated },
        { "netstat.truncated-values", SourceError.Truncated },
        { "netstat.no-values", SourceError.Truncated },
        { "netstat.no-newline", SourceError.Truncated },
        { "netstat.missing-group", SourceError.Malformed },
        { "netstat.unpaired", SourceError.Malformed },
        { "netstat.unknown-counter", SourceError.None },
        { "snmp.empty", SourceError.Empty },
        { "snmp.garbage", SourceError.Truncated },
        { "snmp.value-missing", SourceError.HeaderMismatch },
        { "snmp.value-extra", SourceError.HeaderMismatch },
        { "snmp.negative", SourceError.NumberOutOfRange },
        { "snmp.twenty-digits", SourceError.NumberOutOfRange },
        { "snmp.not-a-number", SourceError.Malformed },
        { "snmp.bad-name", SourceError.Malformed },
        { "snmp.truncated-header", SourceError.Truncated },
        { "snmp.truncated-values", SourceError.Truncated },
        { "snmp.no-values", SourceError.Truncated },
        { "snmp.no-newline", SourceError.Truncated },
        { "snmp.missing-group", SourceError.Malformed },
        { "snmp.unpaired", SourceError.Malformed },
        { "snmp.unknown-counter", SourceError.None },
        { "sockstat.empty", SourceError.Empty },
        { "sockstat.garbage", SourceError.Truncated },
        { "sockstat.missing-line", SourceError.Malformed },
        { "sockstat.missing-key", SourceError.Malformed },
        { "sockstat.negative", SourceError.NumberOutOfRange },
        { "sockstat.twenty-digits", SourceError.NumberOutOfRange },
        { "sockstat.not-a-number", SourceError.Malformed },
        { "sockstat.truncated-line", SourceError.Truncated },
        { "sockstat.unknown-key", SourceError.None },
        { "sockstat.unknown-protocol", SourceError.None },
        { "sockstat6.empty", SourceError.Empty },
        { "sockstat6.missing-line", SourceError.Malformed },
        { "sockstat6.negative", SourceError.NumberOutOfRange },
        { "sockstat6.truncated-line", SourceError.Truncated },
        { "ip_local_port_range.empty", SourceError.Empty },
        { "ip_local_port_range.blank", SourceError.Malformed },
        { "ip_local_port_range.garbage", SourceError.Malformed },
        { "ip_local_port_range.no-newline", SourceError.Truncated },
        { "ip_local_port_range.second-line", SourceError.Malformed },
        { "ip_local_port_range.twenty-digits", SourceError.NumberOutOfRange },
        { "tcp_rmem.extra-column", SourceError.None },
        { "ip_local_reserved_ports.empty", SourceError.Empty },
        { "ip_local_reserved_ports.garbage", SourceError.Malformed },
        { "ip_local_reserved_ports.negative", SourceError.Malformed },
        { "ip_local_reserved_ports.no-newline", SourceError.Truncated },
        { "ip_local_reserved_ports.port-too-large", SourceError.NumberOutOfRange },
        { "ip_local_reserved_ports.reversed-range", SourceError.Malformed },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void Returns_this_error(string fixture, SourceError expected)
    {
        var text = Fixture.Bytes($"broken/{fixture}");
        var file = Path.GetFileNameWithoutExtension(fixture);
        var error = KernelText.Parse(file, text, out var read);
        error.Kind.ShouldBe(expected);
        error.Offset.ShouldBeInRange(0, text.Length);
        if (error.IsNone)
        {
            read.ShouldBe(KernelText.ParseNaively(file, text));
        }
    }

    [Fact]
    public void Every_broken_file_is_expected() =>
        Directory.EnumerateFiles(Fixture.Path("broken"))
            .Select(Path.GetFileName)
            .Where(name => name is not "README.md")
            .ShouldBe(Expected.Select(row => row.Data.Item1), ignoreOrder: true);

    [Fact]
    public void An_unknown_state_is_kept()
    {
        KernelText.Parse("tcp", Fixture.Bytes("broken/tcp.unknown-state"), out var read).IsNone.ShouldBeTrue();
        read!.ShouldContain("state=31 ");
    }

    [Fact]
    public void An_error_has_its_offset()
    {
        var text = Fixture.Bytes("broken/snmp.negative");
        var error = KernelText.Parse("snmp", text, out _);
        text.AsSpan(error.Offset, 2).SequenceEqual("-5"u8).ShouldBeTrue();
    }

    /// <summary>The caller's data is either completely new or unchanged, never a mix.</summary>
    [Theory]
    [InlineData("netstat.negative")]
    [InlineData("netstat.value-missing")]
    [InlineData("netstat.bad-name")]
    [InlineData("netstat.truncated-values")]
    public void An_error_leaves_the_table_unchanged(string fixture)
    {
        var table = new CounterTable();
        Netstat.Parse(Fixture.Bytes($"{Fixture.TenStates}/proc/net/netstat"), table).IsNone.ShouldBeTrue();
        var before = new CounterTable();
        table.CopyTo(before);
        var names = table.Names;

        // use another host's values, so a single changed one would show
        var text = System.Text.Encoding.ASCII.GetString(Fixture.Bytes($"broken/{fixture}")).Replace(" 0 0 ", " 9 9 ", StringComparison.Ordinal);
        Netstat.Parse(System.Text.Encoding.ASCII.GetBytes(text), table).IsNone.ShouldBeFalse();

        (table.Names == names).ShouldBeTrue("the same memory");
        table.Names.ToArray().ShouldBe(before.Names.ToArray());
        table.Values.ToArray().ShouldBe(before.Values.ToArray());
    }

    [Fact]
    public void An_error_leaves_the_other_values_unchanged()
    {
        var counts = new SockstatCounts { TcpInUse = 1, TcpTimeWait = 5, Tcp6InUse = 6, HasTcp6 = true };
        Sockstat.Parse(Fixture.Bytes("broken/sockstat.negative"), ref counts, out var host).IsNone.ShouldBeFalse();
        Sockstat6.Parse(Fixture.Bytes("broken/sockstat6.negative"), ref counts).IsNone.ShouldBeFalse();
        host.ShouldBe(default);
        counts.ShouldBe(new SockstatCounts { TcpInUse = 1, TcpTimeWait = 5, Tcp6InUse = 6, HasTcp6 = true });

        var ports = new PortSet();
        ports.Add(7);
        SysctlPorts.Parse(Fixture.Bytes("broken/ip_local_reserved_ports.port-too-large"), ports).IsNone.ShouldBeFalse();
        ports.Count.ShouldBe(1);

        var value = new SysctlValue { Count = 1, First = 7 };
        SysctlNumbers.Parse(Fixture.Bytes("broken/ip_local_port_range.garbage"), ref value).IsNone.ShouldBeFalse();
        value.ShouldBe(new SysctlValue { Count = 1, First = 7 });
    }

    [Fact]
    public void A_new_counter_changes_the_names_once()
    {
        var table = new CounterTable();
        Netstat.Parse(Fixture.Bytes($"{Fixture.TenStates}/proc/net/netstat"), table);
        var names = table.Names;
        Netstat.Parse(Fixture.Bytes($"{Fixture.Idle}/proc/net/netstat"), table);
        (table.Names == names).ShouldBeTrue("the same memory");

        Netstat.Parse(Fixture.Bytes("broken/netstat.unknown-counter"), table).IsNone.ShouldBeTrue();
        names = table.Names;
        for (var i = 0; i < 2; i++)
        {
            Netstat.Parse(Fixture.Bytes("broken/netstat.unknown-counter"), table).IsNone.ShouldBeTrue();
            (table.Names == names).ShouldBeTrue("the same memory");
            table.Values[table.IndexOf("TCPBrandNew")].ShouldBe(42ul);
        }
    }
}
