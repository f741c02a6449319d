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
    public void Forgets_a_socket_that_is_gone()
    {
        var drops = new DropAccumulator();
        Round(drops, (1, 5), (2, 7));
        drops.Count.ShouldBe(2);
        Round(drops, (2, 7)).ShouldBe(0UL);
        drops.Count.ShouldBe(1);
        Round(drops, (1, 1), (2, 7)).ShouldBe(1UL, "a new socket under an old cookie starts anew");
    }

    [Fact]
    public void Counts_a_socket_once_that_a_dump_shows_twice()
    {
        var drops = new DropAccumulator();
        Round(drops, (1, 5), (1, 6)).ShouldBe(6UL);
        Round(drops, (1, 6), (2, 0)).ShouldBe(0UL);
        Round(drops, (2, 0)).ShouldBe(0UL);
        drops.Count.ShouldBe(1);
    }

    /// <summary>Sockets come, drop, wrap and go: the sum is always what the sockets dropped while they were seen.</summary>
    [Fact]
    public void Adds_up_to_what_was_dropped() => Prop.ForAll(
        Gen.ListOf(Gen.ListOf(Gen.Zip(Gen.Choose(1, 6), Gen.Choose(0, int.MaxValue)))).ToArbitrary(),
        rounds =>
        {
            var drops = new DropAccumulator();
            var live = new Dictionary<int, uint>();
            ulong expected = 0;
            ulong total = 0;
            foreach (var round in rounds)
            {
                // whoever is named in a round is there and drops so many more; the others are gone
                var now = new Dictionary<int, uint>();
                foreach (var (cookie, more) in round.DistinctBy(socket => socket.Item1))
                {
                    now[cookie] = unchecked((live.TryGetValue(cookie, out var before) ? before : 0) + (uint)more);
                    expected += (uint)more;
                }

                live = now;
                total += Round(drops, [.. now.Select(socket => ((ulong)socket.Key, socket.Value))]);
                if (total != expected || drops.Count != live.Count)
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
            added += drops.Observe(cookie, count);
        }

        drops.End();
        return added;
    }
}
