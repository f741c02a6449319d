using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class ListenerTableTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Groups_the_sockets_of_one_SO_REUSEPORT_group()
    {
        var table = Table();
        table.Observe([Socket("0.0.0.0", 80, 10, 100, 3), Socket("0.0.0.0", 80, 90, 100, 4), Socket("0.0.0.0", 80, 0, 100)], Second, 5000);
        var row = table.Rows().ShouldHaveSingleItem();
        row.Sockets.ShouldBe(3);
        row.QueueLength.ShouldBe(100);
        row.QueueLimit.ShouldBe(300);
        row.FillRatio.ShouldBe(0.9, "the fullest socket, not the group");
        row.FillRatioPeak.ShouldBe(0.9);
        row.QueuePeak.ShouldBe(100);
        row.Drops.ShouldBe(7UL);
        row.CreatedUnixMilliseconds.ShouldBe(5000);
        row.FillRatios.Counts(ListenerSample.FillRatioBounds).ToArray().ShouldBe([0UL, 0, 0, 0, 1, 0, 0]);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 2)] // full: length > limit
    [InlineData(128, 128, 1)]
    [InlineData(129, 128, 129 / 128.0)]
    [InlineData(uint.MaxValue, 1, uint.MaxValue)]
    public void Computes_how_full_a_socket_is(uint length, uint limit, double ratio)
    {
        var table = Table();
        table.Observe([Socket("::", 80, length, limit)], Second, 0);
        var row = table.Rows().ShouldHaveSingleItem();
        row.FillRatio.ShouldBe(ratio);
        row.FillRatios.Sum.ShouldBe(ratio);
        (row.FillRatios.Counts(ListenerSample.FillRatioBounds)[^1] == 1).ShouldBe(length > limit, "above the bound 1 if and only if the queue is full");
    }

    [Fact]
    public void Observes_one_ratio_per_sample_and_keeps_the_peaks()
    {
        var table = Table();
        var socket = Socket("::", 80, cookie: 7);
        foreach (uint length in (uint[])[0, 128, 129, 64])
        {
            socket.QueueLength = length;
            table.Observe([socket], Second, 0);
        }

        var row = table.Rows().ShouldHaveSingleItem();
        row.QueueLength.ShouldBe(64);
        row.QueuePeak.ShouldBe(129);
        row.FillRatioPeak.ShouldBe(129 / 128.0);
        row.FillRatios.Counts(ListenerSample.FillRatioBounds).ToArray().ShouldBe([1UL, 0, 1, 0, 0, 1, 1]);

        socket.QueueLength = 1;
        table.Observe([socket], Second * 100, 0);
        table.Rows()[0].QueuePeak.ShouldBe(1);
    }

    [Fact]
    public void Keeps_two_units_on_one_endpoint_apart()
    {
        var table = Table();
        table.Observe([Socket("::", 80, 1, cgroup: 1), Socket("::", 80, 2, cgroup: 2)], Second, 0);
        var rows = table.Rows();
        rows.Select(row => (row.Identity.Unit, row.QueueLength)).ShouldBe([("unit1.service", 1L), ("unit2.service", 2L)]);

        table.ObserveSynQueues([Syn("::1", 80, 5)], Second);
        table.Rows().Sum(row => row.SynQueueLength).ShouldBe(5, "what cannot be told apart is counted once");
    }

    [Fact]
    public void Has_no_limit_and_drops_with_procfs()
    {
        var table = Table();
        table.Observe([ProcfsSocket("::", 80, 5), ProcfsSocket("::", 80, 6)], Second, 0);
        var row = table.Rows().ShouldHaveSingleItem();
        row.QueueLength.ShouldBe(11);
        row.QueuePeak.ShouldBe(11);
        row.HasLimit.ShouldBeFalse();
        row.HasDrops.ShouldBeFalse();
        row.FillRatios.Counts(ListenerSample.FillRatioBounds).ToArray().ShouldAllBe(count => count == 0);
    }

    [Fact]
    public void A_restart_continues_the_counters_and_the_identity()
    {
        var table = Table();
        table.Observe([Socket("::", 80, drops: 100, cookie: 1)], Second, 1000);
        var first = table.Rows()[0];
        table.Observe([], Second * 2, 2000);
        table.Rows().ShouldBeEmpty();
        table.Observe([Socket("::", 80, drops: 5, cookie: 2)], Second * 3, 3000);
        var again = table.Rows()[0];
        again.Drops.ShouldBe(105UL);
        again.CreatedUnixMilliseconds.ShouldBe(1000);
        again.Identity.ShouldBeSameAs(first.Identity);
        again.FillRatios.Counts(ListenerSample.FillRatioBounds)[0].ShouldBe(2UL);
    }

    [Fact]
    public void A_socket_of_the_group_that_closes_takes_no_drops_back()
    {
        var table = Table();
        table.Observe([Socket("::", 80, drops: 100, cookie: 1), Socket("::", 80, drops: 10, cookie: 2)], Second, 0);
        table.Observe([Socket("::", 80, drops: 11, cookie: 2)], Second * 2, 0);
        table.Rows()[0].Drops.ShouldBe(111UL);
        table.Rows()[0].Sockets.ShouldBe(1);
    }

    [Fact]
    public void Forgets_a_listener_that_stays_away()
    {
        var table = Table();
        table.Observe([Socket("::", 80, drops: 100, cookie: 1)], Second, 1000);
        table.Observe([], Second + ListenerTable.Retention, 0);
        table.Observe([Socket("::", 80, drops: 1, cookie: 2)], Second + ListenerTable.Retention, 2000);
        table.Rows()[0].Drops.ShouldBe(101UL, "not gone for longer than the retention");

        table.Observe([], (Second * 2) + (ListenerTable.Retention * 2), 0);
        table.Observe([Socket("::", 80, drops: 1, cookie: 3)], (Second * 3) + (ListenerTable.Retention * 2), 9000);
        table.Rows()[0].Drops.ShouldBe(1UL);
        table.Rows()[0].CreatedUnixMilliseconds.ShouldBe(9000);
    }

    [Fact]
    public void Memory_stays_bounded_while_listeners_come_and_go()
    {
        var table = Table(max: 10);
        table.Observe([Socket("::", 1, drops: 5, cookie: 1)], Second, 0);
        for (var i = 0; i < 2000; i++)
        {
            table.Observe([.. Enumerable.Range(0, 10).Select(j => Socket("127.0.0.1", (ushort)(1000 + (i * 10) + j)))], Second, i);
        }

        table.Observe([Socket("::", 1, drops: 7, cookie: 2)], Second, 0);
        table.Rows()[0].Drops.ShouldBe(7UL, "forgotten in the crowd, and so counted anew");
    }

    [Fact]
    public void Counters_of_closed_listeners_are_remembered_even_with_many_others()
    {
        var table = Table(max: 4);
        for (ushort port = 1; port <= 6; port++)
        {
            table.Observe([Socket("::", port, drops: 10)], Second * port, port);
        }

        // 1 to 5 are gone, one more than are kept whole: of 1 and 2 the counters are left
        table.Observe([Socket("::", 5, drops: 1), Socket("::", 4, drops: 1), Socket("::", 3, drops: 1), Socket("::", 2, drops: 1)], Second * 7, 7);
        table.Rows().ToDictionary(row => (int)row.Identity.Port, row => row.CreatedUnixMilliseconds)
            .ShouldBe(new Dictionary<int, long> { [5] = 5, [4] = 4, [3] = 3, [2] = 2 }, ignoreOrder: true);
    }

    [Fact]
    public void Counts_a_repeated_socket_once()
    {
        var table = Table();
        table.Observe([Socket("::", 80, 5, 100, drops: 3, cookie: 1), Socket("::", 81, cookie: 2), Socket("::", 80, 6, 100, drops: 4, cookie: 1)], Second, 0);
        var row = table.Rows().Single(row => row.Identity.Port == 80);
        (row.Sockets, row.QueueLength, row.QueueLimit, row.Drops).ShouldBe((1, 5L, 100L, 3UL));
    }

    [Fact]
    public void Counts_no_drops_twice_after_a_socket_was_skipped()
    {
        var table = Table();
        table.Observe([Socket("::", 80, drops: 100, cookie: 1)], Second, 0);
        table.Observe([], Second * 2, 0);
        table.Observe([Socket("::", 80, drops: 101, cookie: 1)], Second * 3, 0);
        table.Rows()[0].Drops.ShouldBe(101UL);
    }

    [Fact]
    public void A_listener_whose_unit_has_not_been_looked_up_waits_for_its_name()
    {
        string? unit = null;
        var table = Table(unitOf: id => id == 1 ? "old.service" : unit, isFirstLook: true);
        var old = Socket("::", 80, cookie: 1, cgroup: 1);
        var fresh = Socket("::", 81, drops: 5, cookie: 2, cgroup: 2);
        table.Observe([old], Second, 0);
        table.Observe([old, fresh], Second * 2, 0);
        Ports(table).ShouldBe([80]);
        table.NotKept.ShouldBe(0, "it will have its series");

        unit = "new.service";
        table.Observe([old, fresh], Second * 3, 3000);
        var row = table.Rows().Single(row => row.Identity.Port == 81);
        (row.Identity.Unit, row.Drops, row.CreatedUnixMilliseconds).ShouldBe(("new.service", 5UL, 3000L));
    }

    [Fact]
    public void The_first_read_does_not_wait_for_names()
    {
        var table = Table(unitOf: _ => null, isFirstLook: true);
        table.Observe([Socket("::", 80, cgroup: 1)], Second, 0);
        table.Rows().ShouldHaveSingleItem().Identity.Unit.ShouldBe("");
    }

    [Fact]
    public void Existing_listeners_come_before_new_ones()
    {
        var table = Table(max: 2);
        table.Observe([Socket("::", 80, cookie: 1), Socket("::", 81, cookie: 2)], Second, 0);
        table.NotKept.ShouldBe(0);

        // the kernel prints the newest first; two sockets of one listener count once
        table.Observe([Socket("::", 1), Socket("::", 1), Socket("::", 2), Socket("::", 80, cookie: 1), Socket("::", 81, cookie: 2)], Second, 0);
        Ports(table).ShouldBe([80, 81]);
        table.NotKept.ShouldBe(2);

        table.Observe([Socket("::", 1), Socket("::", 1), Socket("::", 2), Socket("::", 81, cookie: 2)], Second, 0);
        Ports(table).ShouldBe([1, 81]);
        table.Rows().Single(row => row.Identity.Port == 1).Sockets.ShouldBe(2);
        table.NotKept.ShouldBe(1);

        table.Observe([Socket("::", 81, cookie: 2)], Second, 0);
        table.NotKept.ShouldBe(0);
    }

    [Fact]
    public void A_listener_that_comes_back_queues_up_again()
    {
        var table = Table(max: 1);
        table.Observe([Socket("::", 80)], Second, 0);
        table.Observe([Socket("::", 81)], Second, 0);
        table.Observe([Socket("::", 80), Socket("::", 81)], Second, 0);
        Ports(table).ShouldBe([81]);
        table.NotKept.ShouldBe(1);
    }

    [Fact]
    public void Does_not_count_unselected_listeners()
    {
        var table = Table(max: 1, selects: (_, port) => port != 22);
        table.Observe([Socket("::", 22), Socket("::", 80), Socket("::", 81)], Second, 0);
        Ports(table).ShouldBe([80]);
        table.NotKept.ShouldBe(1);
    }

    [Fact]
    public void Assigns_half_open_connections_to_their_listener()
    {
        var table = Table();
        table.Observe([Socket("0.0.0.0", 80), Socket("10.0.0.1", 80), Socket("::", 443), Socket("::ffff:10.0.0.3", 90)], Second, 0);
        table.ObserveSynQueues(
            [Syn("10.0.0.1", 80, 1), Syn("10.0.0.2", 80, 2), Syn("::ffff:10.0.0.2", 80, 4), Syn("::ffff:10.0.0.1", 443, 8), Syn("::1", 443, 16), Syn("10.0.0.3", 90, 32), Syn("10.0.0.1", 22, 64)],
            Second);
        table.Rows().Select(row => ($"{row.Identity.AddressText} {row.Identity.Port}", row.SynQueueLength)).ShouldBe(
            [("0.0.0.0 80", 6L), ("10.0.0.1 80", 1L), (":: 443", 24L), ("::ffff:10.0.0.3 90", 32L)], ignoreOrder: true);

        table.ObserveSynQueues([], Second * 2);
        table.Rows().ShouldAllBe(row => row.SynQueueLength == 0);
        table.Rows().Max(row => row.SynQueuePeak).ShouldBe(32);
    }

    [Fact]
    public void Half_open_connections_of_a_listener_without_series_belong_to_no_other()
    {
        var table = Table(max: 1, selects: (address, _) => address != Ip("10.0.0.2"));
        table.Observe([Socket("0.0.0.0", 80), Socket("10.0.0.1", 80), Socket("10.0.0.2", 80)], Second, 0);
        table.ObserveSynQueues([Syn("10.0.0.1", 80, 5), Syn("10.0.0.2", 80, 7), Syn("10.0.0.3", 80, 9)], Second);
        var row = table.Rows().ShouldHaveSingleItem();
        row.Identity.AddressText.ShouldBe("0.0.0.0");
        row.SynQueueLength.ShouldBe(9);
    }

    [Theory]
    [InlineData(1000, 2000)]
    [InlineData(1000, 256)] // most of them refused
    public void Allocates_nothing_once_it_knows_its_listeners(int listeners, int max)
    {
        var sockets = Enumerable.Range(0, listeners).Select(i => Socket("10.0.0.1", (ushort)(i + 1), (uint)i, cgroup: 1)).ToArray();
        SynQueue[] queues = [Syn("10.0.0.1", 5, 1)];
        var rows = new ValueList<ListenerSample>();
        var table = Table(max, unitOf: _ => "nginx.service");
        var now = Second;
        Run();
        Run();
        Allocated.By(Run).ShouldBe(0);
        rows.Count.ShouldBe(Math.Min(listeners, max));

        void Run()
        {
            table.Observe(sockets, now += Second, 0);
            table.ObserveSynQueues(queues, now);
            table.CopyTo(rows);
        }
    }

    /// <summary>
    /// Sockets open, drop, are skipped or told twice by a dump, close and open again: a listener's drops are always what
    /// its sockets had dropped when they were seen last.
    /// </summary>
    [Fact]
    public void Drops_add_up_whatever_a_dump_skips_or_repeats() => Prop.ForAll(
        Gen.ListOf(Gen.ListOf(Gen.Zip(Gen.Choose(1, 8), Gen.Choose(0, 1000)))).ToArbitrary(),
        rounds =>
        {
            var table = Table(max: 100);
            var totals = new Dictionary<ushort, ulong>();
            var sockets = new Dictionary<int, ListenerSocket>();
            ulong cookie = 1;

            foreach (var round in rounds)
            {
                var told = new Dictionary<int, ListenerSocket>();
                foreach (var (id, more) in round.DistinctBy(socket => socket.Item1))
                {
                    // eight sockets on three ports; now and then one closes and another takes its place
                    var socket = more % 10 > 0 && sockets.TryGetValue(id, out var known) ? known : Socket("::", (ushort)(id % 3), cookie: ++cookie);
                    socket.Drops += (uint)more;
                    told[id] = sockets[id] = socket;
                    totals[socket.Port] = totals.GetValueOrDefault(socket.Port) + (ulong)more;
                }

                table.Observe([.. round.Select(socket => told[socket.Item1])], Second, 0);
                var isRight = table.Rows().All(row =>
                    row.Drops == totals[row.Identity.Port] && row.Sockets == told.Values.Count(socket => socket.Port == row.Identity.Port));
                if (!isRight)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static int[] Ports(ListenerTable table) => [.. table.Rows().Select(row => (int)row.Identity.Port).Order()];
}
