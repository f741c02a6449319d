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
    public void Is_empty_initially_and_after_clearing()
    {
        var table = new DestinationTable();
        table.Busiest(0).ShouldBe(default);
        Add(table, To(1));
        table.Clear();
        table.Busiest(0).ShouldBe(default);
    }

    [Fact]
    public void Distinguishes_source_address_and_port()
    {
        var table = new DestinationTable();
        Add(table, new Destination(IpAddress.FromIPv4(1), IpAddress.FromIPv4(9), 80));
        Add(table, new Destination(IpAddress.FromIPv4(2), IpAddress.FromIPv4(9), 80));
        Add(table, new Destination(IpAddress.FromIPv4(1), IpAddress.FromIPv4(9), 81));
        table.Busiest(0).Used.ShouldBe(1);
    }

    [Fact]
    public void Is_exact_up_to_its_capacity() => Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 30)).Where(list => list.Count > 0).ToArbitrary(),
        destinations =>
        {
            var table = new DestinationTable();
            foreach (var destination in destinations)
            {
                Add(table, To((uint)destination));
            }

            var (busiest, most, _, _) = table.Busiest(0);
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
            Add(table, To(destination));
            counts[destination] = counts.GetValueOrDefault(destination) + 1;
        }

        counts.Count.ShouldBeGreaterThan(DestinationTable.Capacity);
        var (busiest, most, _, _) = table.Busiest(0);
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

    /// <summary>Those in TIME_WAIT have no owner, and say nothing of the others.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("-----", 0)]
    [InlineData("a--b-a", 'a')]
    [InlineData("bbbaaaa", 'a')]
    [InlineData("abababb", 'b')]
    [InlineData("------z", 'z')]
    public void Returns_the_owner_of_most_connections(string owners, int expected)
    {
        var table = new DestinationTable();
        table.Add(To(1), isTimeWait: true);
        foreach (var owner in owners)
        {
            table.Add(To(1), owner == '-', owner == '-' ? 0UL : owner);
        }

        table.Busiest(0).CgroupId.ShouldBe((ulong)expected);
    }

    [Fact]
    public void Keeps_the_owner_beyond_its_capacity()
    {
        var table = new DestinationTable();
        for (uint i = 0; i < 3 * DestinationTable.Capacity; i++)
        {
            table.Add(To(i % 8 == 0 ? 1 : i), isTimeWait: false, i % 8 == 0 ? 7UL : 8);
        }

        table.Undercount.ShouldBeGreaterThan(0);
        table.Busiest(0).CgroupId.ShouldBe(7UL);
    }

    [Fact]
    public void Allocates_nothing_once_it_has_grown()
    {
        var table = new DestinationTable();
        Fill();
        Allocated.By(Fill).ShouldBe(0);

        void Fill()
        {
            table.Clear();
            for (uint i = 0; i < 150_000; i++)
            {
                Add(table, To(i));
            }

            table.Busiest(1);
        }
    }

    /// <summary>tcp_tw_reuse: 0 none, 1 all, 2 those with a loopback address at either end (tcp_twsk_unique).</summary>
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", 1)]
    [InlineData("127.0.0.1", "127.0.0.1", 1, 2)]
    [InlineData("127.1.2.3", "10.0.0.2", 1, 2)]
    [InlineData("10.0.0.1", "127.0.0.1", 1, 2)]
    [InlineData("::1", "::1", 1, 2)]
    [InlineData("2001:db8::1", "2001:db8::2", 1)]
    [InlineData("::", "::2", 1)]
    public void Ports_in_TIME_WAIT_are_held_unless_they_can_be_reused(string source, string address, params int[] reuses)
    {
        var destination = new Destination(Support.Listeners.Ip(source), Support.Listeners.Ip(address), 443);
        var table = new DestinationTable();
        for (var i = 0; i < 10; i++)
        {
            table.Add(destination, isTimeWait: i < 7);
        }

        for (var reuse = 0; reuse < 4; reuse++)
        {
            table.Busiest(reuse).ShouldBe(new DestinationPorts(destination, 10, 7, reuses.Contains(reuse) ? 3 : 10));
        }
    }

    [Fact]
    public void The_scarcest_is_not_the_busiest_if_most_of_its_ports_can_be_reused()
    {
        var table = new DestinationTable();
        for (var i = 0; i < 10; i++)
        {
            table.Add(To(1), isTimeWait: true);
            table.Add(To(2), isTimeWait: i < 2);
        }

        table.Add(To(1), isTimeWait: false);
        table.Busiest(0).ShouldBe(new DestinationPorts(To(1), 11, 10, 11));
        table.Busiest(1).ShouldBe(new DestinationPorts(To(2), 10, 2, 8));
    }

    [Fact]
    public void There_is_a_scarcest_even_if_all_ports_can_be_reused()
    {
        var table = new DestinationTable();
        table.Add(To(1), isTimeWait: true);
        table.Add(To(2), isTimeWait: true);
        table.Add(To(2), isTimeWait: true);
        table.Busiest(1).ShouldBe(new DestinationPorts(To(2), 2, 2, 0));
    }

    private static void Add(DestinationTable table, in Destination destination) => table.Add(destination, isTimeWait: destination.Address.Low % 3 == 0);

    private static Destination To(uint address) => new(IpAddress.FromIPv4(1), IpAddress.FromIPv4(address), 443);
}
