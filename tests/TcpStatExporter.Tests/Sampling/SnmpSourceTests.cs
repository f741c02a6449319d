using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SnmpSourceTests : IDisposable
{
    private const string Tcp = "Tcp: CurrEstab\nTcp: 1\n";

    private readonly string _root = Directory.CreateTempSubdirectory("snmp").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly TcpSnapshot _snapshot = new();
    private readonly SnmpSource _source;

    public SnmpSourceTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "net"));
        _source = new SnmpSource(NetNamespace.OfProcfs(_root), new ProcFileBuffer(), new ReadingPace(ReadingPace.OfDaemon, _time, static () => TimeSpan.Zero));
    }

    public void Dispose()
    {
        _source.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Errors_of_UDP_come_with_those_of_TCP_and_those_of_IPv6_every_five_seconds()
    {
        Write("snmp", Tcp + "Udp: RcvbufErrors\nUdp: 2\n");
        Write("snmp6", "Ip6InReceives \t1\nUdp6RcvbufErrors \t3\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        (_snapshot.Snmp.Values[0], _snapshot.UdpCounters.Values[0], _snapshot.Udp6Counters.Values[0]).ShouldBe((1UL, 2UL, 3UL));

        Write("snmp", Tcp + "Udp: RcvbufErrors\nUdp: 4\n");
        Write("snmp6", "Udp6RcvbufErrors \t5\n");
        _time.Advance(TimeSpan.FromSeconds(1));
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        (_snapshot.UdpCounters.Values[0], _snapshot.Udp6Counters.Values[0]).ShouldBe((4UL, 3UL));
        _time.Advance(TimeSpan.FromSeconds(4));
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.Udp6Counters.Values[0].ShouldBe(5UL);
    }

    [Fact]
    public void What_cannot_be_read_is_absent_and_affects_nothing_else()
    {
        Write("snmp", Tcp + "Udp: RcvbufErrors\nUdp: 2\n");
        Write("snmp6", "Udp6RcvbufErrors \t3\n");
        _source.Read(_snapshot);

        Write("snmp", Tcp + "Udp: RcvbufErrors\nUdp: 2 3\n");
        Write("snmp6", "garbage\n");
        _time.Advance(TimeSpan.FromSeconds(5));
        _source.Read(_snapshot).ShouldBe(ReadResult.OkDespite(SourceError.HeaderMismatch));
        (_snapshot.Snmp.Values[0], _snapshot.UdpCounters.Names.Length, _snapshot.Udp6Counters.Names.Length).ShouldBe((1UL, 0, 0));

        // neither has to be there
        Write("snmp", Tcp);
        File.Delete(Path.Combine(_root, "net/snmp6"));
        _time.Advance(TimeSpan.FromSeconds(5));
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.UdpCounters.Names.Length.ShouldBe(0);

        Write("snmp", "garbage\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.Malformed));
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_root, "net", file), text);
}
