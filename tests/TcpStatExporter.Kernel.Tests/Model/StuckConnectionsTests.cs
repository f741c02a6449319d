using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Model;

public class StuckConnectionsTests
{
    private static readonly IpAddress Database = IpAddress.FromIPv4(0x0a00_0002);
    private static readonly IpAddress DatabaseMapped = IpAddress.FromIPv6(0, 0xffff_0a00_0002);
    private static readonly SysctlValue Range = new() { Count = 2, First = 32_768, Second = 60_999 };

    private readonly SocketTally _tally = new(hasLimit: true);

    [Fact]
    public void Connects_are_counted_by_destination_and_owner()
    {
        Add(TcpState.SynSent, 40_000, Database, 5432, cgroup: 7);
        Add(TcpState.SynSent, 40_001, DatabaseMapped, 5432, cgroup: 7);
        Add(TcpState.SynSent, 40_002, Database, 5433, cgroup: 7);
        Add(TcpState.SynSent, 40_003, Database, 5432, cgroup: 8);
        Add(TcpState.Established, 40_004, Database, 5432, cgroup: 7);
        Told(_tally.Stuck.SynSent).ShouldBe(["10.0.0.2:5432 of 7: 2", "10.0.0.2:5432 of 8: 1", "10.0.0.2:5433 of 7: 1"]);
        Told(_tally.Stuck.CloseWait).ShouldBeEmpty();
    }

    [Fact]
    public void Connects_with_a_retransmitted_SYN_and_those_within_this_host_are_distinguished()
    {
        var here = IpAddress.FromIPv4(0x0a00_0001);
        Add(TcpState.SynSent, 40_000, Database, 5432, retransmits: 1);
        Add(TcpState.SynSent, 40_001, Database, 5432, retransmits: 3);
        Add(TcpState.SynSent, 40_002, Database, 5432);
        Add(TcpState.SynSent, 40_003, here, 80);
        Add(TcpState.SynSent, 40_004, IpAddress.FromIPv4(0x7f00_0005), 81);
        _tally.Stuck.SynSent.Span.ToArray().Select(c => (c.Port, c.Count, c.Resent, c.IsLocal)).ShouldBe([(5432, 3, 2, false), (80, 1, 0, true), (81, 1, 0, true)]);
    }

    [Fact]
    public void Connections_to_close_are_counted_by_owner_and_those_opened_here_by_destination_too()
    {
        _tally.Stuck.SetPortRange(Range);
        Add(TcpState.Listen, 33_000);
        Add(TcpState.CloseWait, 33_000, Database, 50_000, cgroup: 7);
        Add(TcpState.CloseWait, 33_000, Database, 50_001, cgroup: 7);
        Add(TcpState.CloseWait, 33_000, Database, 50_002, cgroup: 7, inode: 0);
        Add(TcpState.CloseWait, 40_000, DatabaseMapped, 5432, cgroup: 8);
        Told(_tally.Stuck.CloseWait).ShouldBe(["10.0.0.2:5432 of 8: 1", ":::0 of 7: 2"]);
        _tally.CloseWaitUnaccepted.ShouldBe(1);
    }

    /// <summary>Its port is one that connect(2) would not have chosen.</summary>
    [Fact]
    public void A_connection_whose_listener_has_closed_still_counts_as_accepted()
    {
        Add(TcpState.CloseWait, 8080, Database, 50_000, cgroup: 7);
        Told(_tally.Stuck.CloseWait).ShouldBe(["10.0.0.2:50000 of 7: 1"], "the range is not known");
        _tally.Reset();
        _tally.Stuck.SetPortRange(Range);
        Add(TcpState.CloseWait, 8080, Database, 50_000, cgroup: 7);
        Told(_tally.Stuck.CloseWait).ShouldBe([":::0 of 7: 1"]);
        _tally.Reset();
        _tally.Stuck.SetPortRange(default);
        Add(TcpState.CloseWait, 8080, Database, 50_000, cgroup: 7);
        Told(_tally.Stuck.CloseWait).ShouldBe(["10.0.0.2:50000 of 7: 1"]);
    }

    /// <summary>Sockets in the order of gVisor: from the second pass on, the listening ports are known.</summary>
    [Fact]
    public void A_listener_may_come_after_its_connections()
    {
        for (var pass = 1; pass <= 3; pass++)
        {
            _tally.Reset();
            Add(TcpState.CloseWait, 33_000, Database, 50_000, cgroup: 7);
            Add(TcpState.Listen, 33_000);
            Told(_tally.Stuck.CloseWait).ShouldBe([pass == 1 ? "10.0.0.2:50000 of 7: 1" : ":::0 of 7: 1"]);
        }

        _tally.Reset();
        _tally.Reset();
        Add(TcpState.CloseWait, 33_000, Database, 50_000, cgroup: 7);
        Told(_tally.Stuck.CloseWait).ShouldBe(["10.0.0.2:50000 of 7: 1"], "it does not listen any more");
    }

    [Fact]
    public void A_dump_without_the_common_states_gives_the_same_result_as_a_full_one()
    {
        var full = Recorded.Sockets(Recorded.Read("every-state"), out _);
        var filtered = Recorded.Sockets(Recorded.Read("every-state.filtered"), out _);
        var (synSent, closeWait) = Tally(full);
        synSent.ShouldBe(["127.0.0.1:34935 of 1: 1"]);
        closeWait.ShouldBe([":::0 of 1: 1"], "the other one is not accepted yet");
        var fewer = Tally(filtered);
        fewer.SynSent.ShouldBe(synSent);
        fewer.CloseWait.ShouldBe(closeWait);

        (string[] SynSent, string[] CloseWait) Tally(IReadOnlyList<TcpSocket> sockets)
        {
            _tally.Reset();
            foreach (var socket in sockets)
            {
                _tally.Add(socket);
            }

            return (Told(_tally.Stuck.SynSent), Told(_tally.Stuck.CloseWait));
        }
    }

    [Fact]
    public void Files_report_everything_except_the_owner()
    {
        var visitor = new SocketTally.Visitor(_tally);
        foreach (var (name, family) in new[] { ("tcp", IpFamily.IPv4), ("tcp6", IpFamily.IPv6) })
        {
            using var file = new NetTcpFile(Path.Combine(Fixture.Path(Fixture.TenStates), "proc/net", name), family);
            file.Read(ref visitor).IsOk.ShouldBeTrue();
        }

        Told(_tally.Stuck.SynSent).ShouldBe(["127.0.0.1:5001 of 0: 1", "[::1]:5002 of 0: 1"]);
        Told(_tally.Stuck.CloseWait).ShouldBe([":::0 of 0: 6"]);
    }

    private static string[] Told(EndpointCounts counts) =>
        [.. counts.Span.ToArray().Select(c => $"{c.Address.ToString(c.Port)} of {c.CgroupId}: {c.Count}").Order(StringComparer.Ordinal)];

    private void Add(TcpState state, ushort port, IpAddress remote = default, ushort remotePort = 0, ulong cgroup = 0, ulong inode = 99, byte retransmits = 0) => _tally.Add(new TcpSocket
    {
        State = state,
        LocalAddress = IpAddress.FromIPv4(0x0a00_0001),
        LocalPort = port,
        RemoteAddress = remote,
        RemotePort = remotePort,
        CgroupId = cgroup,
        Inode = inode,
        Retransmits = retransmits,
    });
}
