using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class UdpTableTests
{
    private static readonly IpAddress Any = IpAddress.FromIPv4(0);

    private readonly SysctlTable _sysctls = new();
    private readonly ValueList<UdpSample> _rows = new();
    private readonly UdpTable _table = new(max: 2, id => id == 9 ? null : "unit1.service", index => $"eth{index}");

    public UdpTableTests() => _sysctls[Sysctl.IpLocalPortRange] = new SysctlValue { Count = 2, First = 32_768, Second = 60_999 };

    [Fact]
    public void Counts_from_the_first_read_on_and_later_sockets_from_their_start()
    {
        Look(Socket(1, 53, drops: 100));
        Row(53).Drops.ShouldBe(0UL);

        Look(Socket(1, 53, drops: 103), Socket(2, 53, drops: 4));
        Row(53).Drops.ShouldBe(7UL);
        _table.Drops.ShouldBe(7UL);
    }

    [Fact]
    public void A_service_that_comes_back_continues_its_count_and_so_does_a_counter_that_wraps()
    {
        Look(Socket(1, 53, drops: uint.MaxValue));
        Look(Socket(1, 53, drops: 4));
        Row(53).Drops.ShouldBe(5UL);

        Look();
        _rows.Count.ShouldBe(0);
        Look(Socket(7, 53, drops: 1));
        Row(53).Drops.ShouldBe(6UL);
        Look(Socket(7, 53, drops: 1));
        Row(53).Drops.ShouldBe(6UL);
    }

    [Fact]
    public void Sockets_that_share_a_port_are_one_row_but_devices_and_units_are_separate()
    {
        Look(Socket(1, 53, queue: 10, limit: 100), Socket(2, 53, queue: 90, limit: 100), Socket(3, 53, device: 4));
        (Row(53).QueueBytes, Row(53).LimitBytes, Row(53).LargestLimitBytes, Row(53).Fill).ShouldBe((100L, 200L, 100L, 0.9));
        (_rows[1].Identity.Device, _rows[1].Identity.Unit).ShouldBe(("eth4", "unit1.service"));
    }

    [Fact]
    public void Rows_are_sorted_by_drops_then_fill_and_client_sockets_appear_only_with_drops()
    {
        Look(Socket(1, 53, queue: 1), Socket(2, 514, queue: 2), Socket(3, 8125), Socket(4, 40_000, queue: 99));
        Ports().ShouldBe([514, 53]);

        Look(Socket(1, 53, queue: 1), Socket(2, 514, queue: 2), Socket(3, 8125, drops: 1), Socket(4, 40_000, queue: 99, drops: 2));
        Ports().ShouldBe([40_000, 8125]);
        _table.Drops.ShouldBe(3UL);
    }

    [Fact]
    public void A_socket_whose_unit_has_not_been_looked_up_is_left_to_the_next_read()
    {
        Look();
        Look(Socket(1, 53, drops: 3, unit: 9));
        _rows.Count.ShouldBe(0);
        Look(Socket(1, 53, drops: 3));
        Row(53).Drops.ShouldBe(3UL);
    }

    /// <summary>What names units may have forgotten it meanwhile.</summary>
    [Fact]
    public void A_known_socket_that_is_left_to_the_next_read_does_not_count_twice()
    {
        Look(Socket(1, 53, drops: 100));
        Look(Socket(1, 53, drops: 103));
        Look(Socket(1, 53, drops: 104, unit: 9));
        Look(Socket(1, 53, drops: 105));
        Row(53).Drops.ShouldBe(5UL);
        _table.Drops.ShouldBe(5UL);
    }

    [Fact]
    public void Without_known_limits_the_longest_queues_come_first()
    {
        Look(Socket(1, 53, queue: 10, limit: 0), Socket(2, 514, queue: 20, limit: 0), Socket(3, 8125, queue: 5, limit: 0));
        Ports().ShouldBe([514, 53]);
        (Row(53).Fill, Row(53).LimitBytes).ShouldBe((0, 0L));
    }

    [Fact]
    public void Sockets_above_the_maximum_count_only_in_the_total()
    {
        var sockets = Enumerable.Range(0, UdpTable.MaxKept).Select(i => Socket((ulong)i + 1, (ushort)(i + 1))).ToArray();
        Look(sockets);
        Look([.. sockets, Socket(70_000, 20_000, drops: 5)]);
        _rows.Span.ToArray().ShouldAllBe(row => row.Identity.Port != 20_000);
        _table.Drops.ShouldBe(5UL);

        // as soon as there is room it is told, from then on
        Look([.. sockets[1..], Socket(70_000, 20_000, drops: 5)]);
        Look([.. sockets[1..], Socket(70_000, 20_000, drops: 7)]);
        Row(20_000).Drops.ShouldBe(2UL);
        _table.Drops.ShouldBe(7UL);
    }

    [Fact]
    public void Reads_after_the_first_allocate_nothing()
    {
        var sockets = Enumerable.Range(0, 500).Select(i => Socket((ulong)i + 1, (ushort)(i + 1), drops: (uint)(i % 2), queue: (uint)i)).ToArray();
        Look(sockets);
        Look(sockets);
        Allocated.By(() => Look(sockets)).ShouldBe(0);
    }

    private static UdpSocket Socket(ulong cookie, ushort port, uint drops = 0, uint queue = 0, uint limit = 100, uint device = 0, ulong unit = 1) =>
        new() { Address = Any, Port = port, Cookie = cookie, Drops = drops, QueueBytes = queue, LimitBytes = limit, Interface = device, CgroupId = unit };

    private void Look(params UdpSocket[] sockets)
    {
        _table.Observe(sockets, _sysctls);
        _table.CopyTo(_rows);
    }

    private UdpSample Row(ushort port) => _rows.Span.ToArray().First(row => row.Identity.Port == port);

    private int[] Ports() => [.. _rows.Span.ToArray().Select(row => (int)row.Identity.Port)];
}
