using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

public class SocketTallyTests
{
    [Fact]
    public void Syn_queues_match_a_group_by()
    {
        Prop.ForAll(
            Gen.Choose(0, 40).Two().ArrayOf(500).ToArbitrary(),
            ends =>
            {
                var tally = new SocketTally(hasLimit: true);
                foreach (var (address, port) in ends)
                {
                    tally.Add(Request((uint)address, (ushort)port));
                }

                var expected = ends.GroupBy(e => e).Select(g => (IpAddress.FromIPv4((uint)g.Key.Item1), (ushort)g.Key.Item2, g.Count()));
                tally.SynQueues.Span.ToArray().Select(q => (q.Address, q.Port, q.Length)).ShouldBe(expected, ignoreOrder: true);
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_second_round_starts_from_zero_and_allocates_nothing()
    {
        var tally = new SocketTally(hasLimit: true);
        var allocated = Allocated.By(() =>
        {
            tally.Reset();
            for (var i = 0; i < 20_000; i++)
            {
                tally.Add(Request((uint)i, 80));
                tally.Add(Request((uint)i, 80));
            }
        });

        tally.SynQueues.Count.ShouldBe(20_000);
        tally.SynQueues.Span.ToArray().ShouldAllBe(q => q.Length == 2);
        tally.States[TcpState.SynRecv].ShouldBe(40_000);
        tally.RequestSockets.ShouldBe(40_000);
        allocated.ShouldBe(0);
    }

    [Fact]
    public void An_address_of_another_family_is_another_endpoint()
    {
        var tally = new SocketTally(hasLimit: true);
        tally.Add(new TcpSocket { State = TcpState.NewSynRecv, LocalAddress = IpAddress.FromIPv4(1), LocalPort = 80 });
        tally.Add(new TcpSocket { State = TcpState.NewSynRecv, LocalAddress = IpAddress.FromIPv6(0, 0xffff_0000_0001), LocalPort = 80 });
        tally.SynQueues.Count.ShouldBe(2);
    }

    [Fact]
    public void Only_connections_without_an_owner_wait_in_a_syn_queue()
    {
        // procfs prints request sockets and simultaneous opens alike, but only the latter have an inode
        var tally = new SocketTally(hasLimit: false);
        tally.Add(new TcpSocket { State = TcpState.SynRecv, LocalPort = 80 });
        tally.Add(new TcpSocket { State = TcpState.SynRecv, LocalPort = 80, Inode = 5 });
        tally.SynQueues[0].Length.ShouldBe(1);
        tally.RequestSockets.ShouldBe(0);
        tally.States[TcpState.SynRecv].ShouldBe(2);
    }

    [Theory]
    [InlineData(true, 16u)]
    [InlineData(false, 0u)]
    public void A_listener_has_the_limit_that_its_source_reports(bool hasLimit, uint limit)
    {
        var tally = new SocketTally(hasLimit);
        tally.Add(new TcpSocket { State = TcpState.Listen, LocalPort = 80, ReceiveQueue = 3, SendQueue = 16, Cookie = 9, CgroupId = 8, Drops = 7, HasDrops = true });
        var listener = tally.Listeners.Span.ToArray().Single();
        listener.ShouldBe(new ListenerSocket { Port = 80, QueueLength = 3, QueueLimit = limit, HasLimit = hasLimit, Cookie = 9, CgroupId = 8, Drops = 7, HasDrops = true });
    }

    [Fact]
    public void Kinds_of_close_wait_and_fin_wait2_are_distinguished()
    {
        var tally = new SocketTally(hasLimit: true);
        tally.Add(new TcpSocket { State = TcpState.CloseWait });
        tally.Add(new TcpSocket { State = TcpState.CloseWait, Inode = 1 });
        tally.Add(new TcpSocket { State = TcpState.FinWait2, Timer = TcpSocket.MinisocketTimer });
        tally.Add(new TcpSocket { State = TcpState.FinWait2, Timer = 2 });
        tally.Add(new TcpSocket { State = TcpState.TimeWait, Timer = TcpSocket.MinisocketTimer });
        (tally.CloseWaitUnaccepted, tally.FinWait2Minisockets, tally.States.Total).ShouldBe((1, 1, 5));
        tally.Reset();
        (tally.CloseWaitUnaccepted, tally.FinWait2Minisockets, tally.States.Total).ShouldBe((0, 0, 0));
    }

    private static TcpSocket Request(uint address, ushort port) =>
        new() { State = TcpState.NewSynRecv, LocalAddress = IpAddress.FromIPv4(address), LocalPort = port };
}
