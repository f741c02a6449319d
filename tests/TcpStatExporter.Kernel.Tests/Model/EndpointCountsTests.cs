using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Model;

public class EndpointCountsTests
{
    [Fact]
    public void Matches_a_group_by_up_to_its_capacity()
    {
        Prop.ForAll(
            Gen.Choose(0, 10).Three().ArrayOf(500).ToArbitrary(),
            ends =>
            {
                var counts = new EndpointCounts();
                foreach (var (address, port, owner) in ends)
                {
                    counts.Add(IpAddress.FromIPv4((uint)address), (ushort)port, (ulong)owner);
                }

                var expected = ends.GroupBy(e => e).Select(g => (IpAddress.FromIPv4((uint)g.Key.Item1), (ushort)g.Key.Item2, (ulong)g.Key.Item3, g.Count()));
                counts.Span.ToArray().Select(c => (c.Address, c.Port, c.CgroupId, c.Count)).ShouldBe(expected, ignoreOrder: true);
                counts.Undercount.ShouldBe(0);
            }).QuickCheckThrowOnFailure();
    }

    /// <summary>
    /// No count is too high, and none is too low by more than the reported bound, which is at most N / capacity.
    /// </summary>
    [Theory]
    [InlineData(1, 100_000, 0)]
    [InlineData(2, 100_000, 60)]
    [InlineData(3, 20_000, 5_000)]
    public void Keeps_its_bound_beyond_its_capacity(int seed, int strangers, int busy)
    {
        var stream = Enumerable.Range(1000, strangers).Select(address => (uint)address).Concat(Enumerable.Repeat(1U, busy)).ToArray();
        new Random(seed).Shuffle(stream);
        var counts = new EndpointCounts();
        foreach (var address in stream)
        {
            counts.Add(IpAddress.FromIPv4(address), 443, 5);
        }

        counts.Span.Length.ShouldBeLessThanOrEqualTo(EndpointCounts.Capacity);
        counts.Undercount.ShouldBeInRange(1, stream.Length / EndpointCounts.Capacity);
        counts.Span.ToArray().ShouldAllBe(count => count.Count <= ((uint)count.Address.Low == 1 ? busy : 1));
        counts.Span.ToArray().SingleOrDefault(count => (uint)count.Address.Low == 1).Count.ShouldBeInRange(busy - counts.Undercount, busy);
    }

    [Fact]
    public void A_second_round_starts_from_zero_and_allocates_nothing()
    {
        var counts = new EndpointCounts();
        Fill();
        Allocated.By(Fill).ShouldBe(0);
        counts.Clear();
        counts.Span.Length.ShouldBe(0);
        counts.Undercount.ShouldBe(0);

        void Fill()
        {
            counts.Clear();
            for (uint i = 0; i < 20_000; i++)
            {
                counts.Add(IpAddress.FromIPv4(i), 80, 1);
            }
        }
    }
}
