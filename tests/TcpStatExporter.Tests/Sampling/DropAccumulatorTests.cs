using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class DropAccumulatorTests
{
    [Fact]
    public void Takes_all_of_a_new_socket_and_then_only_what_is_added()
    {
        var drops = new DropAccumulator();
        Round(drops, (1, 5)).ShouldBe(5UL);
        Round(drops, (1, 5)).ShouldBe(0UL);
        Round(drops, (1, 9)).ShouldBe(4UL);
    }

    [Fact]
    public void Wraps_with_the_kernel()
    {
        var drops = new DropAccumulator();
        Round(drops, (1, uint.MaxValue - 1));
        Round(drops, (1, 3)).ShouldBe(5UL);
    }

    [Fact]
    public void Counts_nothing_twice_of_a_socket_that_a_dump_skips()
    {
        var drops = new DropAccumulator();
        Round(drops, (1, 5), (2, 7));
        Round(drops, (2, 7)).ShouldBe(0UL);
        Round(drops, (1, 6), (2, 7)).ShouldBe(1UL);
    }

    [Fact]
    public void Forgets_a_socket_that_stays_away()
    {
        var drops = new DropAccumulator();
        Round(drops, (1, 5), (2, 7));
        for (var i = 0; i < DropAccumulator.Retention; i++)
        {
            drops.Count.ShouldBe(2);
            Round(drops, (2, 7)).ShouldBe(0UL);
        }

        Round(drops, (2, 7)).ShouldBe(0UL);
        drops.Count.ShouldBe(1);
    }

    [Fact]
    public void Keeps_memory_bounded_and_allocates_nothing_where_sockets_come_and_go()
    {
        var drops = new DropAccumulator();
        ulong cookie = 0;
        var most = 0;
        Churn();
        Allocated.By(Churn).ShouldBe(0);

        void Churn()
        {
            for (var i = 0; i < 10 * DropAccumulator.Retention; i++)
            {
                drops.Begin();
                for (var j = 0; j < 100; j++)
                {
                    drops.TryObserve(++cookie, 1, out _);
                }

                drops.End();
                most = Math.Max(most, drops.Count);
            }
        }

        most.ShouldBe(100 * (DropAccumulator.Retention + 1));
    }

    [Fact]
    public void Counts_a_socket_once_that_a_dump_shows_twice()
    {
        var drops = new DropAccumulator();
        drops.Begin();
        drops.TryObserve(1, 5, out var added).ShouldBeTrue();
        added.ShouldBe(5U);
        drops.TryObserve(1, 6, out added).ShouldBeFalse();
        added.ShouldBe(0U);
        drops.End();
        Round(drops, (1, 6), (2, 0)).ShouldBe(1UL, "what came between the two");
        drops.Count.ShouldBe(2);
    }

    /// <summary>Sockets come, drop, wrap, are skipped and told twice: the sum is always what they had dropped when they were seen last.</summary>
    [Fact]
    public void Adds_up_to_what_was_dropped() => Prop.ForAll(
        Gen.ListOf(Gen.ListOf(Gen.Zip(Gen.Choose(1, 6), Gen.Choose(0, int.MaxValue)))).ToArbitrary(),
        rounds =>
        {
            var drops = new DropAccumulator();
            var sockets = new Dictionary<int, uint>();
            ulong expected = 0;
            ulong total = 0;

            // fewer rounds than a socket is remembered for
            foreach (var round in rounds.Take(DropAccumulator.Retention))
            {
                // whoever is named in a round drops so many more and is told of, as often as it is named; the others are skipped
                foreach (var (cookie, more) in round.DistinctBy(socket => socket.Item1))
                {
                    sockets[cookie] = unchecked(sockets.GetValueOrDefault(cookie) + (uint)more);
                    expected += (uint)more;
                }

                total += Round(drops, [.. round.Select(socket => ((ulong)socket.Item1, sockets[socket.Item1]))]);
                if (total != expected || drops.Count != sockets.Count)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static ulong Round(DropAccumulator drops, params (ulong Cookie, uint Drops)[] sockets)
    {
        ulong added = 0;
        drops.Begin();
        foreach (var (cookie, count) in sockets)
        {
            drops.TryObserve(cookie, count, out var more);
            added += more;
        }

        drops.End();
        return added;
    }
}
