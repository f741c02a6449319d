using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

/// <summary>
/// Reading and parsing allocate nothing after the first time: on procfs, where descriptors stay open, elsewhere, and on
/// errors.
/// </summary>
public sealed class AllocationTests
{
    private readonly ProcFileBuffer _buffer = new();

    public static TheoryData<string> Roots => ["/proc", Fixture.Path($"{Fixture.TenStates}/proc")];

    [Theory]
    [MemberData(nameof(Roots))]
    public void Sockets(string root)
    {
        using var tcp = new NetTcpFile($"{root}/net/tcp", IpFamily.IPv4);
        using var tcp6 = new NetTcpFile($"{root}/net/tcp6", IpFamily.IPv6);
        var states = default(States);
        AllocatesNothing(() =>
        {
            tcp.Read(ref states).IsOk.ShouldBeTrue();
            tcp6.Read(ref states);
        });
        states.Counts.Total.ShouldBeGreaterThanOrEqualTo(0);
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public void Counters(string root)
    {
        using var snmpFile = new ProcFile($"{root}/net/snmp");
        using var netstatFile = new ProcFile($"{root}/net/netstat");
        using var sockstatFile = new ProcFile($"{root}/net/sockstat");
        var snmp = new CounterTable();
        var netstat = new CounterTable();
        var sockstat = default(SockstatCounts);
        AllocatesNothing(() =>
        {
            snmpFile.Read(_buffer).IsOk.ShouldBeTrue();
            Snmp.Parse(_buffer.Content, snmp).IsNone.ShouldBeTrue();
            netstatFile.Read(_buffer).IsOk.ShouldBeTrue();
            Netstat.Parse(_buffer.Content, netstat).IsNone.ShouldBeTrue();
            sockstatFile.Read(_buffer).IsOk.ShouldBeTrue();
            Sockstat.Parse(_buffer.Content, ref sockstat, out _).IsNone.ShouldBeTrue();
        });
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public void Sysctls(string root)
    {
        using var range = new ProcFile($"{root}/sys/net/ipv4/ip_local_port_range");
        using var reserved = new ProcFile($"{root}/sys/net/ipv4/ip_local_reserved_ports");
        var value = default(SysctlValue);
        var ports = new PortSet();
        AllocatesNothing(() =>
        {
            range.Read(_buffer).IsOk.ShouldBeTrue();
            SysctlNumbers.Parse(_buffer.Content, ref value).IsNone.ShouldBeTrue();
            reserved.Read(_buffer).IsOk.ShouldBeTrue();
            SysctlPorts.Parse(_buffer.Content, ports).IsNone.ShouldBeTrue();
        });
    }

    [Fact]
    public void The_process_itself()
    {
        using var self = new ProcSelf(_buffer);
        var usage = default(ProcessUsage);
        AllocatesNothing(() => self.Read(ref usage).IsOk.ShouldBeTrue());
    }

    [Fact]
    public void Errors()
    {
        using var missing = new ProcFile("/proc/self/no-such-file");
        using var unreadable = new ProcFile("/proc/self/mem");
        using var garbage = new NetTcpFile(Fixture.Path("broken/tcp.garbage"), IpFamily.IPv4);
        using var mismatch = new ProcFile(Fixture.Path("broken/netstat.value-missing"));
        var table = new CounterTable();
        var states = default(States);
        AllocatesNothing(() =>
        {
            missing.Read(_buffer).IsOk.ShouldBeFalse();
            unreadable.Read(_buffer).IsOk.ShouldBeFalse();
            garbage.Read(ref states).IsOk.ShouldBeFalse();
            mismatch.Read(_buffer).IsOk.ShouldBeTrue();
            Netstat.Parse(_buffer.Content, table).IsNone.ShouldBeFalse();
        });
    }

    private static void AllocatesNothing(Action action)
    {
        for (var i = 0; i < 3; i++)
        {
            action();
        }

        Allocated.By(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                action();
            }
        }).ShouldBe(0);
    }

    private struct States : ITcpSocketVisitor
    {
        public TcpStateCounts Counts;

        public bool Visit(in TcpSocket socket)
        {
            Counts.Add(socket.State);
            return true;
        }
    }
}
