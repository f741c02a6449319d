using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>Who has series where listeners are more than places, and what becomes of the counters of the others.</summary>
public sealed class ListenerPlacesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_thousand_new_listeners_do_not_push_out_one_with_losses()
    {
        var table = Table(max: 50, isFirstLook: true);
        var crowd = Enumerable.Range(0, 1000).Select(i => Socket("127.0.0.1", (ushort)(10_000 + i))).ToArray();
        var web = Socket("0.0.0.0", 80, limit: 8, cookie: 1);
        table.Observe([.. crowd, web], Second, 0, Counted(0, 0));
        Ports(table).ShouldNotContain(80);

        web.QueueLength = 9;
        web.Drops = 12;
        table.Observe([.. crowd, web], Second * 2, 0, Counted(6, 6));
        var row = table.Rows().Single(row => row.Identity.Port == 80);
        row.Lost.AcceptQueue.ShouldBe(6UL, "the loss that it got its place for is its own");
        table.Rows().Length.ShouldBe(50);
        table.NotKept.ShouldBe(951);
        table.Unattributed.Total.ShouldBe(0UL);
    }

    [Fact]
    public void Five_with_steady_losses_get_places_despite_three_hundred_that_flap()
    {
        var table = Table(max: 50);
        var steady = Enumerable.Range(0, 5).Select(i => Socket("0.0.0.0", (ushort)(i + 1), length: 9, limit: 8)).ToArray();
        ulong lost = 0;
        for (var i = 0; i < 90; i++)
        {
            // half of them at a time, each newly opened, and each has lost something
            var flapping = Enumerable.Range(0, 300).Where(j => (i + j) % 2 == 0)
                .Select(j => Socket("127.0.0.1", (ushort)(10_000 + j), length: 9, limit: 8, drops: 2)).ToArray();
            foreach (ref var socket in steady.AsSpan())
            {
                socket.Drops += 3;
            }

            lost += 15 + (2 * 150);
            table.Observe([.. flapping, .. steady], Second * (i + 1), 0, Counted(lost, lost));
        }

        Ports(table).Take(5).ShouldBe([1, 2, 3, 4, 5]);
    }

    [Fact]
    public void The_newest_healthy_listener_gives_up_its_place()
    {
        var table = Table(max: 3, isFirstLook: true);
        ListenerSocket[] sockets = [Socket("::", 1), Socket("::", 2)];
        table.Observe(sockets, Second, 0, Counted(0, 0));
        table.Observe([.. sockets, Socket("::", 3)], Second * 60, 0, Counted(0, 0));
        table.Observe([.. sockets, Socket("::", 3), Socket("::", 4, length: 9, limit: 8, drops: 4)], Second * 61, 0, Counted(4, 4));
        Ports(table).ShouldBe([1, 2, 4]);
    }

    [Fact]
    public void The_longest_waiting_listener_gets_the_free_place()
    {
        var table = Table(max: 1);
        var old = Socket("::", 9);
        var first = Socket("::", 80);
        table.Observe([first], Second, 0);
        table.Observe([old, first], Second * 2, 0);
        table.Observe([Socket("::", 1), Socket("::", 2), old, first], Second * 3, 0);
        table.Observe([Socket("::", 1), Socket("::", 2), old], Second * 4, 0);
        Ports(table).ShouldBe([9]);
    }

    [Fact]
    public void Two_equally_urgent_listeners_do_not_take_turns()
    {
        var table = Table(max: 1);
        var one = Socket("::", 1, length: 9, limit: 8);
        var two = Socket("::", 2, length: 9, limit: 8);
        ulong lost = 0;
        var places = new HashSet<int>();
        for (var i = 0; i < 50; i++)
        {
            one.Drops += 5;
            two.Drops += 5;
            lost += 10;
            table.Observe([one, two], Second * (i + 1), 0, Counted(lost, lost));
            places.Add(Ports(table).ShouldHaveSingleItem());
        }

        places.Count.ShouldBe(1);
    }

    [Fact]
    public void No_counter_comes_back_lower_than_it_was()
    {
        var table = Table(max: 50);
        var last = new Dictionary<(int Port, string Name), double>();
        ulong lost = 0;
        for (var i = 0; i < 300; i++)
        {
            var sockets = Enumerable.Range(0, 300).Where(j => ((i / 7) + j) % 3 != 0)
                .Select(j => Socket("127.0.0.1", (ushort)(10_000 + j), length: (j + i) % 11 == 0 ? 9U : 0, limit: 8, drops: (j + i) % 11 == 0 ? 4U : 1, cookie: (ulong)((i / 7 * 1000) + j + 1)))
                .ToArray();
            lost += 100;
            table.Observe(sockets, Second * (i + 1), 0, Counted(lost, lost));
            foreach (var row in table.Rows())
            {
                Rises(row.Identity.Port, "drops", row.Drops);
                Rises(row.Identity.Port, "lost", row.Lost.Total);
                Rises(row.Identity.Port, "openings", row.Openings);
                Rises(row.Identity.Port, "fill sum", row.FillRatios.Sum);
                Rises(row.Identity.Port, "fill count", row.FillRatios.Counts(ListenerSample.FillRatioBounds).ToArray().Sum(count => (double)count));
            }
        }

        last.Keys.Select(series => series.Port).Distinct().Count().ShouldBeGreaterThan(100, "many had a place for a time");

        void Rises(int port, string name, double value)
        {
            value.ShouldBeGreaterThanOrEqualTo(last.GetValueOrDefault((port, name)), $"{name} of {port}");
            last[(port, name)] = value;
        }
    }

    private static int[] Ports(ListenerTable table) => [.. table.Rows().Select(row => (int)row.Identity.Port).Order()];
}
