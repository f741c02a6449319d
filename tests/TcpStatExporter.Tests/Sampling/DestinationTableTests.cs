using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class DestinationTableTests
{
    [Fact]
    public void Is_empty_at_first_and_after_clearing()
    {
        var table = new DestinationTable();
        table.Busiest(out _).ShouldBe(0);
        table.Add(To(1));
        table.Clear();
        table.Busiest(out var destination).ShouldBe(0);
        destination.ShouldBe(default);
    }

    [Fact]
    public void Tells_source_address_and_port_apart()
    {
        var table = new DestinationTable();
        table.Add(new Destination(IpAddress.FromIPv4(1), IpAddress.FromIPv4(9), 80));
        table.Add(new Destination(IpAddress.FromIPv4(2), IpAddress.FromIPv4(9), 80));
        table.Add(new Destination(IpAddress.FromIPv4(1), IpAddress.FromIPv4(9), 81));
        table.Busiest(out _).ShouldBe(1);
    }

    [Fact]
    public void Is_exact_up_to_its_capacity() => Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 30)).Where(list => list.Count > 0).ToArbitrary(),
        destinations =>
        {
            var table = new DestinationTable();
            foreach (var destination in destinations)
            {
                table.Add(To((uint)destination));
            }

            var most = table.Busiest(out var busiest);
            var counts = destinations.CountBy(d => d).ToDictionary();
            return most == counts.Values.Max() && table.Undercount == 0 && counts[(int)(uint)busiest.Address.Low] == most;
        }).QuickCheckThrowOnFailure();

    /// <summary>No count is too high, and none too low by more than it says, which is at most 2 N / capacity.</summary>
    [Theory]
    [InlineData(1, 300_000, 0)]
    [InlineData(2, 300_000, 5_000)]
    [InlineData(3, 200_000, 100)]
    public void Keeps_its_bound_beyond_its_capacity(int seed, int strangers, int busy)
    {
        var random = new Random(seed);
        var table = new DestinationTable();
        var counts = new Dictionary<uint, int>();
        var stream = Enumerable.Range(0, strangers).Select(_ => (uint)random.Next(1000, 1000 + (strangers / 2)))
            .Concat(Enumerable.Repeat(1U, busy))
            .ToArray();
        random.Shuffle(stream);
        foreach (var destination in stream)
        {
            table.Add(To(destination));
            counts[destination] = counts.GetValueOrDefault(destination) + 1;
        }

        counts.Count.ShouldBeGreaterThan(DestinationTable.Capacity);
        var most = table.Busiest(out var busiest);
        var truth = counts.GetValueOrDefault((uint)busiest.Address.Low);
        table.Undercount.ShouldBeGreaterThan(0);
        table.Undercount.ShouldBeLessThanOrEqualTo(2 * stream.Length / DestinationTable.Capacity);
        most.ShouldBeLessThanOrEqualTo(truth);
        most.ShouldBeGreaterThanOrEqualTo(counts.Values.Max() - table.Undercount);
        if (busy > 2 * table.Undercount)
        {
            ((uint)busiest.Address.Low).ShouldBe(1U);
        }
    }

    [Fact]
    public void Allocates_nothing_once_it_has_grown()
    {
        var table = new DestinationTable();
        Fill();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Fill()
        {
            table.Clear();
            for (uint i = 0; i < 150_000; i++)
            {
                table.Add(To(i));
            }

            table.Busiest(out _);
        }
    }

    private static Destination To(uint address) => new(IpAddress.FromIPv4(1), IpAddress.FromIPv4(address), 443);
}
