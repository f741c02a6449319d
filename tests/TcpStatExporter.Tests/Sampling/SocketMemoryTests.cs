using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SocketMemoryTests
{
    [Fact]
    public void Counts_all_drops_of_a_new_socket_and_then_only_increases()
    {
        var drops = new SocketMemory();
        Round(drops);
        Round(drops, (1, 5)).ShouldBe(5UL);
        Round(drops, (1, 5)).ShouldBe(0UL);
        Round(drops, (1, 9)).ShouldBe(4UL);
    }

    [Fact]
    public void Wraps_like_the_kernel()
    {
        var drops = new SocketMemory();
        Round(drops);
        Round(drops, (1, uint.MaxValue - 1));
        Round(drops, (1, 3)).ShouldBe(5UL);
    }

    [Fact]
    public void Counts_nothing_twice_after_a_dump_skips_a_socket()
    {
        var drops = new SocketMemory();
        Round(drops);
        Round(drops, (1, 5), (2, 7));
        Round(drops, (2, 7)).ShouldBe(0UL);
        Round(drops, (1, 6), (2, 7)).ShouldBe(1UL);
    }

    [Fact]
    public void Remembers_a_socket_that_is_away_for_a_long_time()
    {
        var drops = new SocketMemory();
        Round(drops, (2, 0));
        Round(drops, (1, 5), (2, 7)).ShouldBe(12UL);
        for (var i = 0; i < 5000; i++)
        {
            Round(drops, (2, 7)).ShouldBe(0UL);
        }

        Round(drops, (1, 6), (2, 7)).ShouldBe(1UL, "a frontend that was paused counts on where it was");
    }

    [Fact]
    public void Does_not_count_drops_before_the_first_read() => Round(new SocketMemory(), (1, 5)).ShouldBe(0UL);

    [Fact]
    public void Knows_how_many_are_gone_since_the_last_read()
    {
        var drops = new SocketMemory();
        Round(drops, (1, 11), (2, 12), (3, 13));
        Round(drops, (2, 12), (4, 14));
        drops.Gone.ShouldBe(2);
        var gone = new List<int>();
        drops.VisitGone(static (slot, list) => list.Add(slot), gone);
        gone.Select(slot => drops[slot].Drops).ShouldBe([11U, 13U], ignoreOrder: true);
    }

    [Fact]
    public void Memory_stays_bounded_while_sockets_come_and_go()
    {
        var drops = new SocketMemory();
        ulong cookie = 0;
        for (var i = 0; i < 1000; i++)
        {
            Round(drops, [.. Enumerable.Range(0, 100).Select(_ => (++cookie, 1U))]);
            drops.Count.ShouldBeLessThanOrEqualTo(SocketMemory.MostAway + 100);
        }

        Round(drops, (cookie, 2)).ShouldBe(1UL, "those that went last are known still");
    }

    [Fact]
    public void Counts_a_socket_once_if_a_dump_repeats_it()
    {
        var drops = new SocketMemory();
        Round(drops);
        Round(drops, (1, 5), (1, 6)).ShouldBe(5UL);
        Round(drops, (1, 6), (2, 0)).ShouldBe(1UL, "what came between the two");
        drops.Count.ShouldBe(2);
    }

    /// <summary>Sockets come, drop, wrap, are skipped and told twice: the sum is always what they had dropped when they were seen last.</summary>
    [Fact]
    public void Adds_up_to_what_was_dropped() => Prop.ForAll(
        Gen.ListOf(Gen.ListOf(Gen.Zip(Gen.Choose(1, 6), Gen.Choose(0, int.MaxValue)))).ToArbitrary(),
        rounds =>
        {
            var drops = new SocketMemory();
            var sockets = new Dictionary<int, uint>();
            ulong expected = 0;
            ulong total = 0;

            Round(drops);
            foreach (var round in rounds)
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

    private static ulong Round(SocketMemory memory, params (ulong Cookie, uint Drops)[] sockets)
    {
        ulong added = 0;
        memory.Begin();
        foreach (var (cookie, count) in sockets)
        {
            ref var record = ref memory[memory.Take(cookie, count, out var isTold)];
            if (!isTold)
            {
                added += unchecked(count - record.Counted);
                record.Counted = count;
            }
        }

        memory.End();
        return added;
    }
}
