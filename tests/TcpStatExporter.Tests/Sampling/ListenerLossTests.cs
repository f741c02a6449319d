using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class ListenerLossTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ListenerTable _table = Table(isFirstLook: true);
    private TimeSpan _now;
    private ListenerSocket _apache = Socket("0.0.0.0", 80, limit: 511, cookie: 80);
    private ListenerSocket _ssh = Socket("0.0.0.0", 22, limit: 8, cookie: 22);
    private ulong _overflows = 1000;
    private ulong _drops = 1500;

    public ListenerLossTests() => Look();

    [Fact]
    public void Losses_before_the_first_read_belong_to_nobody()
    {
        var table = Table(isFirstLook: true);
        table.Observe([Socket("::", 80, length: 129, drops: 233, cookie: 1)], Second, 0, Counted(100, 200));
        table.Observe([Socket("::", 80, length: 129, drops: 262, cookie: 1)], Second * 2, 0, Counted(129, 229));
        var row = table.Rows().ShouldHaveSingleItem();
        row.Drops.ShouldBe(29UL);
        row.Lost.ShouldBe(new LossCounts(29, 0, 0));
        table.Unattributed.Total.ShouldBe(0UL);
    }

    [Fact]
    public void Discarded_packets_are_not_a_loss_while_nothing_is_counted()
    {
        for (var i = 0; i < 5; i++)
        {
            _apache.Drops += 51;
            Look();
        }

        Row(80).Drops.ShouldBe(255UL);
        Row(80).Lost.Total.ShouldBe(0UL);
        Row(80).LastLoss.ShouldBeNull();
        _table.Unattributed.Total.ShouldBe(0UL);
    }

    [Theory]
    [InlineData(true)] // its queue is seen full
    [InlineData(false)] // a burst between two looks
    public void Deferred_accepts_during_an_overflow_are_not_a_loss(bool isSeen)
    {
        for (var i = 0; i < 5; i++)
        {
            _apache.Drops += (uint)(50 + i);
            Look();
        }

        _apache.Drops += 53;
        _ssh.QueueLength = isSeen ? 9U : 0;
        Lose(11);
        Look();
        Row(80).Lost.Total.ShouldBe(0UL);
        Row(22).Lost.ShouldBe(new LossCounts(11, 0, 0));
        Row(22).LastLoss.ShouldBe(_now);
    }

    [Fact]
    public void A_filter_that_first_discards_during_an_overflow_gets_only_certain_losses()
    {
        // nobody was seen full: of 11 the filtered one may have lost 8, so 3 are certain
        _apache.Drops += 8;
        Lose(11);
        Look();
        Row(80).Lost.Total.ShouldBe(0UL);
        Row(22).Lost.AcceptQueue.ShouldBe(3UL);
        _table.Unattributed.AcceptQueue.ShouldBe(8UL);
    }

    [Fact]
    public void A_full_queue_comes_before_a_socket_that_only_discards()
    {
        _apache.Drops += 8;
        _ssh.QueueLength = 9;
        Lose(11);
        Look();
        Row(80).Lost.Total.ShouldBe(0UL);
        Row(22).Lost.AcceptQueue.ShouldBe(11UL);
        _table.Unattributed.Total.ShouldBe(0UL);

        // it has lost lately: the next burst, which no look sees, is its own too
        _ssh.QueueLength = 0;
        Look();
        Look();
        _apache.Drops += 30;
        Lose(7);
        Look();
        Row(80).Lost.Total.ShouldBe(0UL);
        Row(22).Lost.AcceptQueue.ShouldBe(18UL);
    }

    [Fact]
    public void A_queue_that_overflowed_was_full_whatever_the_reads_saw()
    {
        Lose(322);
        Look();
        var row = Row(22);
        row.QueueLength.ShouldBe(0);
        row.QueuePeak.ShouldBe(9);
        row.FillRatioPeak.ShouldBe(9 / 8.0);
        row.FillRatios.Counts(ListenerSample.FillRatioBounds)[^1].ShouldBe(1UL);
        Look();
        Row(22).FillRatios.Counts(ListenerSample.FillRatioBounds)[^1].ShouldBe(1UL);
    }

    [Fact]
    public void Losses_that_no_socket_accounts_for_are_unattributed()
    {
        _overflows += 93;
        _drops += 100;
        _apache.Drops += 83;
        _apache.QueueLength = 512;
        Look();
        Row(80).Lost.ShouldBe(new LossCounts(83, 0, 0));
        _table.Unattributed.ShouldBe(new LossCounts(10, 0, 7));
    }

    [Fact]
    public void Losses_counted_while_the_listeners_are_read_wait_for_the_next_read()
    {
        // counted after the full listener was read, before the counters were
        _ssh.QueueLength = 9;
        Lose(10);
        _overflows += 2;
        _drops += 2;
        Look(moved: 2);
        Row(22).Lost.AcceptQueue.ShouldBe(12UL, "it discarded twice as much as it lost: there is room for all");
        _table.Unattributed.Total.ShouldBe(0UL);

        _ssh.QueueLength = 0;
        Look();
        Look();

        // of these none shows yet, and an innocent that discards must not explain them
        _apache.Drops += 5;
        _overflows += 3;
        _drops += 3;
        Look(moved: 3);
        Row(80).Lost.Total.ShouldBe(0UL);
        _table.Unattributed.Total.ShouldBe(0UL);
        _ssh.Drops += 3;
        Look();
        Row(22).Lost.AcceptQueue.ShouldBe(15UL);
        _table.Unattributed.Total.ShouldBe(0UL);
    }

    [Fact]
    public void A_tick_without_counters_is_made_up_for()
    {
        _ssh.QueueLength = 9;
        Lose(5);
        _table.Observe([_apache, _ssh], _now += Second, 0);
        Row(22).Lost.Total.ShouldBe(0UL);
        Lose(4);
        Look();
        Row(22).Lost.AcceptQueue.ShouldBe(9UL);
    }

    [Fact]
    public void With_cookies_off_all_other_losses_are_from_a_full_SYN_queue()
    {
        _apache.Drops += 40;
        Look();
        _ssh.Drops += 20;
        _apache.Drops += 40;
        _drops += 20;
        _table.Observe(
            [_apache, _ssh],
            _now += Second,
            0,
            new LossEvidence { IsKnown = true, Overflows = _overflows, Drops = _drops, AreCookiesOff = true, MaxSynBacklog = 2048, SynQueues = new[] { Syn("10.0.0.1", 22, 9) } });
        Row(22).Lost.ShouldBe(new LossCounts(0, 20, 0));
        Row(80).Lost.Total.ShouldBe(0UL);
    }

    [Fact]
    public void With_cookies_on_only_TCPReqQFullDrop_counts_for_SYN_queues()
    {
        _ssh.Drops += 20;
        _drops += 20;
        _table.Observe([_apache, _ssh], _now += Second, 0, new LossEvidence { IsKnown = true, Overflows = _overflows, Drops = _drops, SynQueueDrops = 5 });
        Row(22).Lost.ShouldBe(new LossCounts(0, 5, 15));
    }

    [Fact]
    public void A_listener_that_closed_full_gets_the_losses_that_nobody_else_explains()
    {
        _ssh.QueueLength = 9;
        Lose(5);
        Look();
        _overflows += 12;
        _drops += 12;
        _table.Observe([_apache], _now += Second, 7000, Counted(_overflows, _drops));
        _table.Rows().ShouldHaveSingleItem().Identity.Port.ShouldBe((ushort)80);
        _table.Observe([_apache], _now += Second, 8000, Counted(_overflows, _drops));
        var closed = new ValueList<ClosedListener>();
        _table.CopyClosedTo(closed);
        closed.Count.ShouldBe(1);
        closed[0].Last.Identity.Port.ShouldBe((ushort)22);
        closed[0].Last.Lost.AcceptQueue.ShouldBe(17UL);
        closed[0].ClosedUnixMilliseconds.ShouldBe(7000);
        closed[0].LastSeen.ShouldBe(Second * 2);
        closed[0].Listened.ShouldBe(Second);
        _table.Unattributed.Total.ShouldBe(0UL);
    }

    [Fact]
    public void A_stuck_socket_of_a_group_has_its_own_losses()
    {
        ListenerSocket[] workers = [.. Enumerable.Range(0, 4).Select(i => Socket("::", 443, limit: 16, cookie: (ulong)(100 + i), cgroup: (ulong)(i / 2)))];
        _table.Observe(workers, _now += Second, 0, Counted(_overflows, _drops));
        workers[3].QueueLength = 17;
        workers[3].Drops = 170;
        workers[0].Drops = 4;
        _overflows += 93;
        _drops += 93;
        _table.Observe(workers, _now += Second, 0, Counted(_overflows, _drops));
        _table.Rows().Where(row => row.Identity.Port == 443).Select(row => (row.Identity.Unit, row.Lost.AcceptQueue)).ShouldBe([("", 0UL), ("unit1.service", 93UL)]);
    }

    [Fact]
    public void Losses_of_a_listener_without_a_name_yet_are_kept_for_it()
    {
        string? unit = null;
        var table = Table(unitOf: id => id == 9 ? unit : "");
        table.Observe([_apache], Second, 0, Counted(0, 0));
        var fresh = Socket("::", 443, length: 5, limit: 4, drops: 6, cookie: 9, cgroup: 9);
        table.Observe([_apache, fresh], Second * 2, 0, Counted(6, 6));
        table.Unattributed.Total.ShouldBe(0UL);
        unit = "web.service";
        table.Observe([_apache, fresh], Second * 3, 0, Counted(6, 6));
        table.Rows().Single(row => row.Identity.Port == 443).Lost.AcceptQueue.ShouldBe(6UL);
    }

    /// <summary>
    /// Listeners overflow, discard for other reasons, open, close and are read between any two packets: over any stretch of
    /// time what is given to all is at most what was counted, and whoever lost nothing is given nothing as long as somebody
    /// is seen full.
    /// </summary>
    [Fact]
    public void The_total_is_never_more_than_what_was_counted() => Prop.ForAll(
        Gen.ListOf(Gen.ListOf(Gen.Zip(Gen.Choose(0, 5), Gen.Zip(Gen.Choose(0, 40), Gen.Choose(0, 5))))).ToArbitrary(),
        looks =>
        {
            var table = Table(max: 4, isFirstLook: true);
            var sockets = Enumerable.Range(0, 6).Select(i => Socket("::", (ushort)(i / 2), limit: 8, cookie: (ulong)(i + 1), cgroup: (ulong)(i % 2))).ToArray();
            ulong overflows = 0, drops = 0, cookie = 100;
            var now = Second;
            table.Observe(sockets, now, 0, Counted(0, 0));
            foreach (var look in looks)
            {
                foreach (var (i, (count, kind)) in look)
                {
                    ref var socket = ref sockets[i];
                    switch (kind)
                    {
                        case 0: // overflows at the last ACK
                            socket.Drops += (uint)(2 * count);
                            overflows += (ulong)count;
                            drops += (ulong)count;
                            socket.QueueLength = 9;
                            break;
                        case 1: // SYNs that meet a full queue, which has room again at the look
                            socket.Drops += (uint)count;
                            overflows += (ulong)count;
                            drops += (ulong)count;
                            socket.QueueLength = 0;
                            break;
                        case 2: // other losses
                            socket.Drops += (uint)count;
                            drops += (ulong)count;
                            break;
                        case 3: // a filter
                            socket.Drops += (uint)count;
                            break;
                        case 4: // counted after the socket was read, or at one that nobody sees
                            overflows += (ulong)count;
                            drops += (ulong)count;
                            break;
                        default: // closed, and another opened
                            socket = Socket("::", socket.Port, limit: 8, cookie: ++cookie, cgroup: socket.CgroupId);
                            break;
                    }
                }

                var moved = (ulong)look.Where(step => step.Item2.Item2 == 4).Sum(step => step.Item2.Item1);
                table.Observe(sockets, now += Second, 0, new LossEvidence { IsKnown = true, Overflows = overflows, Drops = drops, MovedOverflows = moved, MovedDrops = moved });
                var given = table.Unattributed;
                foreach (var row in table.Rows())
                {
                    given += row.Lost;
                }

                if (given.AcceptQueue > overflows || given.Total > drops || given.SynQueue > 0)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private void Look(ulong moved = 0) => _table.Observe(
        [_apache, _ssh],
        _now += Second,
        0,
        new LossEvidence { IsKnown = true, Overflows = _overflows, Drops = _drops, MovedOverflows = moved, MovedDrops = moved });

    /// <summary>Overflows of the small queue, at last ACKs: each counts twice at the socket.</summary>
    private void Lose(int count)
    {
        _ssh.Drops += (uint)(2 * count);
        _overflows += (ulong)count;
        _drops += (ulong)count;
    }

    private ListenerSample Row(ushort port) => _table.Rows().Single(row => row.Identity.Port == port);
}
