using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SweepTallyTests
{
    private static readonly SysctlValue Range = new() { Count = 2, First = 40_000, Second = 40_009 };

    [Fact]
    public void Assigns_connections_to_their_listener_by_state()
    {
        var sample = Sweep(
            [Socket("0.0.0.0", 80), Socket("10.0.0.1", 80)],
            max: 256,
            Connection(TcpState.Established, "10.0.0.1", 80),
            Connection(TcpState.Established, "10.0.0.2", 80),
            Connection(TcpState.CloseWait, "::ffff:10.0.0.2", 80),
            Connection(TcpState.NewSynRecv, "10.0.0.1", 80),
            Connection(TcpState.Listen, "10.0.0.1", 80),
            Connection(TcpState.Established, "10.0.0.1", 81));

        var wildcard = Of(sample, "0.0.0.0");
        wildcard[TcpState.Established].ShouldBe(1);
        wildcard[TcpState.CloseWait].ShouldBe(1);
        wildcard.Total.ShouldBe(2);
        var exact = Of(sample, "10.0.0.1");
        exact[TcpState.Established].ShouldBe(1);
        exact[TcpState.SynRecv].ShouldBe(1);
        exact.Total.ShouldBe(2);
    }

    [Fact]
    public void Connections_of_a_listener_without_series_belong_to_no_other()
    {
        var sample = Sweep(
            [Socket("0.0.0.0", 40_001), Socket("10.0.0.1", 40_001)],
            max: 1,
            Connection(TcpState.Established, "10.0.0.1", 40_001));
        sample.Listeners.Count.ShouldBe(1);
        sample.Listeners[0].Connections.Total.ShouldBe(0);
        sample.BusiestPortsUsed.ShouldBe(0, "it came in and takes no port for a destination");
    }

    [Fact]
    public void Assigns_a_connection_by_device_family_and_unit()
    {
        var red = Connection(TcpState.Established, "10.0.0.1", 80);
        red.Interface = 7;
        var ours = Connection(TcpState.Established, "10.0.0.1", 443);
        ours.CgroupId = 2;
        var sample = Sweep(
            [Socket("0.0.0.0", 80, device: 7), Socket("0.0.0.0", 80, device: 8), Socket("::", 90, v6Only: true), Socket("::", 443, cgroup: 1), Socket("::", 443, cgroup: 2)],
            max: 256,
            red,
            Connection(TcpState.Established, "10.0.0.1", 90),
            Connection(TcpState.Established, "::1", 90),
            ours);
        sample.Listeners.Span.ToArray()
            .Select(listener => ($"{listener.Identity.AddressText} {listener.Identity.Port} {listener.Identity.Device}{listener.Identity.Unit}", listener.Connections.Total))
            .ShouldBe([("0.0.0.0 80 dev7", 1L), ("0.0.0.0 80 dev8", 0L), (":: 90 ", 1L), (":: 443 unit1.service", 0L), (":: 443 unit2.service", 1L)], ignoreOrder: true);
    }

    [Fact]
    public void Counts_each_port_of_the_range_once_per_family()
    {
        var sample = Sweep(
            [],
            max: 256,
            Connection(TcpState.Established, "10.0.0.1", 40_000, "10.0.0.9", 443),
            Connection(TcpState.TimeWait, "10.0.0.1", 40_000, "10.0.0.8", 443),
            Connection(TcpState.Established, "::ffff:10.0.0.1", 40_009, "::ffff:10.0.0.9", 443),
            Connection(TcpState.Established, "::1", 40_000, "::1", 443),
            Connection(TcpState.Close, "10.0.0.1", 40_005, "10.0.0.9", 443),
            Connection(TcpState.Established, "10.0.0.1", 39_999, "10.0.0.9", 443),
            Connection(TcpState.Established, "10.0.0.1", 40_010, "10.0.0.9", 443));
        sample.PortsUsedIPv4.ShouldBe(2);
        sample.PortsUsedIPv6.ShouldBe(1);
        sample.BusiestPortsUsed.ShouldBe(2, "v4-mapped or not, it is one destination");
        sample.Busiest.ShouldBe(new Destination(Ip("10.0.0.1"), Ip("10.0.0.9"), 443));
        sample.PortsLimit.ShouldBe(10);
    }

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(2, 0, 2)]
    [InlineData(2, null, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(0, 1, 2)]
    [InlineData(null, 1, 2)]
    public void Ports_in_TIME_WAIT_are_reused_as_the_parameters_allow(int? reuse, int? timestamps, int held)
    {
        var sysctls = new SysctlTable();
        sysctls[Sysctl.TcpTwReuse] = reuse is { } some ? new SysctlValue { Count = 1, First = some } : default;
        sysctls[Sysctl.TcpTimestamps] = timestamps is { } other ? new SysctlValue { Count = 1, First = other } : default;
        var tally = new SweepTally();
        var sample = new SweepSample();
        tally.Begin([], [], [], Range);
        tally.Add(Connection(TcpState.Established, "127.0.0.1", 40_000, "127.0.0.1", 443));
        tally.Add(Connection(TcpState.TimeWait, "127.0.0.1", 40_001, "127.0.0.1", 443));
        tally.End(sysctls, sample);
        sample.BusiestPortsUsed.ShouldBe(2);
        sample.Scarcest.ShouldBe(new DestinationPorts(sample.Busiest, 2, 1, held));
    }

    [Fact]
    public void Subtracts_reserved_ports_from_the_limit()
    {
        var sysctls = new SysctlTable();
        sysctls.ReservedPorts.Add(39_999);
        sysctls.ReservedPorts.Add(40_000);
        sysctls.ReservedPorts.Add(40_009);
        var tally = new SweepTally();
        var sample = new SweepSample();
        tally.Begin([], [], [], Range);
        tally.End(sysctls, sample);
        sample.PortsLimit.ShouldBe(8);
    }

    /// <summary>Ports are chosen at random from the whole range, so a wider one shows. A port that was bound proves nothing.</summary>
    [Theory]
    [InlineData(10, 1, 10)]
    [InlineData(10, 2, -1)]
    [InlineData(0, 1, -1)]
    public void An_assumed_range_does_not_count_if_many_ports_are_outside(int inside, int outside, int limit)
    {
        var tally = new SweepTally();
        var sample = new SweepSample();
        tally.Begin([], [Socket("0.0.0.0", 80)], [], Range, isAssumed: true);
        for (var i = 0; i < inside; i++)
        {
            tally.Add(Connection(TcpState.Established, "10.0.0.1", (ushort)(40_000 + i), "10.0.0.9", 443));
            tally.Add(Connection(TcpState.Established, "10.0.0.1", 80, "10.0.0.9", (ushort)(40_000 + i)));
        }

        for (var i = 0; i < outside; i++)
        {
            tally.Add(Connection(TcpState.Established, "10.0.0.1", (ushort)(50_000 + i), "10.0.0.9", 443));
        }

        tally.End(new SysctlTable(), sample);
        sample.PortsLimit.ShouldBe(limit);

        tally.Begin([], [], [], Range, isAssumed: true);
        tally.End(new SysctlTable(), sample);
        sample.PortsLimit.ShouldBe(10, "each sweep starts again");
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 40_000, 0)]
    [InlineData(2, -1, 40_009)]
    [InlineData(2, 40_000, 65_536)]
    public void Knows_no_limit_without_a_valid_range(int count, long first, long second)
    {
        var tally = new SweepTally();
        var sample = new SweepSample();
        tally.Begin([], [], [], new SysctlValue { Count = count, First = first, Second = second });
        tally.Add(Connection(TcpState.Established, "10.0.0.1", 40_001, "10.0.0.9", 443));
        tally.End(new SysctlTable(), sample);
        sample.PortsLimit.ShouldBe(-1);
        sample.PortsUsedIPv4.ShouldBe(0);
        sample.BusiestPortsUsed.ShouldBe(0);
    }

    [Fact]
    public void Starts_again_in_each_sweep_without_allocating()
    {
        var tally = new SweepTally(static _ => "app.service");
        var sysctls = new SysctlTable();
        sysctls[Sysctl.TcpTwReuse] = new SysctlValue { Count = 1, First = 2 };
        var sample = new SweepSample();
        var table = Table();
        ListenerSocket[] listening = [Socket("0.0.0.0", 80)];
        table.Observe(listening, TimeSpan.Zero, 0);
        var listeners = table.Rows();
        var rows = RowsOf(table);
        var connections = Enumerable.Range(0, 2000).Select(i => Connection(TcpState.Established, "10.0.0.1", (ushort)(i % 2 == 0 ? 80 : 40_000 + (i % 10)), "10.0.0.9", (ushort)i) with { CgroupId = 7, Inode = 1, Cookie = (ulong)(1 + i), ReceiveQueue = 1, HasTraffic = true }).ToArray();
        Run();
        Run();
        Allocated.By(Run).ShouldBe(0);
        sample.Listeners[0].Connections[TcpState.Established].ShouldBe(1000);
        sample.Listeners[0].Unread.ShouldBe(1000);
        sample.ScarcestUnit.ShouldBe("app.service");
        sample.PortsUsedIPv4.ShouldBe(5);
        sample.Peers.Count.ShouldBe(SweepTally.MaxPeers);

        void Run()
        {
            tally.Begin(listeners, listening, rows, Range);
            foreach (ref var connection in connections.AsSpan())
            {
                connection.BytesSent += 1000;
                connection.BytesRetransmitted += connection.Cookie;
                tally.Add(connection);
            }

            tally.End(sysctls, sample);
        }
    }

    /// <summary>What stays unread from one sweep to the next; the peer's FIN is no byte to read, and nobody has accepted inode 0.</summary>
    [Fact]
    public void Counts_accepted_connections_that_stay_unread_from_sweep_to_sweep()
    {
        var table = Table();
        ListenerSocket[] listening = [Socket("0.0.0.0", 80), Socket("0.0.0.0", 81)];
        table.Observe(listening, TimeSpan.Zero, 0);
        var listeners = table.Rows();
        var rows = RowsOf(table);
        var tally = new SweepTally();
        var sample = new SweepSample();
        Run(cookie: 1).ShouldBe((0, 0), "unread for the first time");
        Run(cookie: 1).ShouldBe((4, 1));
        Run(cookie: 1).ShouldBe((4, 1));
        Run(cookie: 1000).ShouldBe((0, 0), "others, which are read in time");
        Run(cookie: 0).ShouldBe((0, 0));
        Run(cookie: 0).ShouldBe((4, 1), "procfs tells no cookie, but the inode");

        (int First, int Second) Run(ulong cookie)
        {
            var added = 0;
            tally.Begin(listeners, listening, rows, Range);
            Add(TcpState.Established, 80, bytes: 1);
            Add(TcpState.Established, 80, bytes: 100_000);
            Add(TcpState.CloseWait, 80, bytes: 2);
            Add(TcpState.Established, 80, bytes: 5);
            Add(TcpState.Established, 81, bytes: 5);
            Add(TcpState.CloseWait, 80, bytes: 1);
            Add(TcpState.Established, 80, bytes: 0);
            Add(TcpState.Established, 80, bytes: 5, inode: 0);
            Add(TcpState.FinWait2, 80, bytes: 5);
            Add(TcpState.Established, 82, bytes: 5);
            tally.End(new SysctlTable(), sample);
            return (sample.Listeners[0].Unread, sample.Listeners[1].Unread);

            void Add(TcpState state, ushort port, uint bytes, ulong? inode = null)
            {
                var number = (ulong)added++;
                tally.Add(Connection(state, "10.0.0.1", port) with { ReceiveQueue = bytes, Inode = inode ?? 5000 + number, Cookie = cookie == 0 ? 0 : cookie + number });
            }
        }
    }

    [Fact]
    public void A_restarted_sweep_does_not_use_its_own_sockets_as_the_previous_sweep()
    {
        var table = Table();
        ListenerSocket[] listening = [Socket("0.0.0.0", 80)];
        table.Observe(listening, TimeSpan.Zero, 0);
        var tally = new SweepTally();
        var sample = new SweepSample();
        var connection = Connection(TcpState.Established, "10.0.0.1", 80) with { ReceiveQueue = 5, Inode = 6, Cookie = 7 };
        tally.Begin(table.Rows(), listening, RowsOf(table), Range);
        tally.Add(connection);
        tally.Reset();
        tally.Add(connection);
        tally.Add(connection);
        tally.End(new SysctlTable(), sample);
        sample.Listeners[0].Unread.ShouldBe(0);
        tally.Begin(table.Rows(), listening, RowsOf(table), Range);
        tally.Add(connection);
        tally.Add(connection);
        tally.End(new SysctlTable(), sample);
        sample.Listeners[0].Unread.ShouldBe(1, "told twice, it is one");
    }

    [Fact]
    public void Names_the_scarcest_destination_and_the_unit_that_holds_most_of_its_ports()
    {
        var tally = new SweepTally(static id => id == 9 ? null : $"unit{id}.service");
        var sample = new SweepSample();
        Run((TcpState.Established, 7), (TcpState.Established, 8), (TcpState.SynSent, 8), (TcpState.TimeWait, 0), (TcpState.TimeWait, 0), (TcpState.TimeWait, 0));
        sample.ScarcestUnit.ShouldBe("unit8.service");
        sample.ScarcestName.ShouldBe(new DestinationName("10.0.0.1", "10.0.0.9:443", "unit8.service"));
        var name = sample.ScarcestName;
        Run((TcpState.TimeWait, 0), (TcpState.TimeWait, 0));
        sample.ScarcestUnit.ShouldBe("unit8.service", "no connection has an owner now, and it is the same destination");
        sample.ScarcestName.ShouldBeSameAs(name);
        Run((TcpState.Established, 9));
        sample.ScarcestUnit.ShouldBe("unit8.service", "an owner that is yet to be looked for");
        Run((TcpState.Established, 7));
        sample.ScarcestUnit.ShouldBe("unit7.service");

        tally.Begin([], [], [], Range);
        tally.Add(Connection(TcpState.TimeWait, "2001:db8::1", 40_000, "2001:db8::2", 443));
        tally.End(new SysctlTable(), sample);
        sample.ScarcestUnit.ShouldBe("", "another destination");
        sample.ScarcestName.ShouldBe(new DestinationName("2001:db8::1", "[2001:db8::2]:443", ""));

        void Run(params (TcpState State, ulong Cgroup)[] connections)
        {
            tally.Begin([], [], [], Range);
            for (var i = 0; i < connections.Length; i++)
            {
                tally.Add(Connection(connections[i].State, "10.0.0.1", (ushort)(40_000 + i), "10.0.0.9", 443) with { CgroupId = connections[i].Cgroup });
            }

            tally.End(new SysctlTable(), sample);
        }
    }

    [Fact]
    public void Names_the_peers_with_most_retransmitted_bytes_between_two_sweeps()
    {
        var tally = new SweepTally();
        ListenerSocket[] listening = [Socket("0.0.0.0", 80)];
        var table = Table();
        table.Observe(listening, TimeSpan.Zero, 0);
        var rows = RowsOf(table);
        var sample = new SweepSample();
        Run(10, Sent("10.0.0.9", 5432, 1, 1_000_000, 900_000), Sent("10.0.0.8", 5432, 2, 0, 0), Accepted("192.0.2.1", 3, 100, 0));
        sample.Peers.Count.ShouldBe(0, "what was sent before the first sweep is no news");
        sample.TrafficTime.ShouldBe(TimeSpan.Zero);

        Run(
            15,
            Sent("10.0.0.9", 5432, 1, 1_000_000, 900_000),
            Sent("10.0.0.8", 5432, 2, 30_000, 3_000, roundTrip: 20_000),
            Sent("10.0.0.8", 5432, 5, 70_000, 70_000),
            Accepted("192.0.2.1", 3, 50_100, 20_000, roundTrip: 100_000),
            Accepted("192.0.2.1", 4, 1_000_000, 1_000_000));
        Told().ShouldBe(["192.0.2.1 20000/50000 1 0.1 True", "10.0.0.8:5432 3000/30000 1 0.02 False"], "new connections are counted from now on");
        sample.TrafficTime.ShouldBe(TimeSpan.FromSeconds(5));
        var first = sample.Peers[0].Peer;

        Run(
            30,
            Sent("10.0.0.8", 5432, 5, 110_000, 75_000),
            Sent("10.0.0.8", 5432, 5, 110_000, 75_000),
            Sent("10.0.0.8", 5432, 2, 90_000, 3_000, roundTrip: 40_000),
            Accepted("192.0.2.1", 3, 50_200, 20_001),
            Accepted("192.0.2.1", 4, 900, 900));
        Told().ShouldBe(["10.0.0.8:5432 5000/100000 2 0.04 False", "192.0.2.1 1/100 1 NaN False"], "one that is reported twice counts once, and a count that goes back is no traffic");
        sample.TrafficTime.ShouldBe(TimeSpan.FromSeconds(15));
        sample.Peers[1].Peer.ShouldBeSameAs(first);

        Run(40, Sent("10.0.0.8", 5432, 2, 90_000, 3_000) with { HasTraffic = false });
        sample.TrafficTime.ShouldBe(TimeSpan.Zero, "the source does not report it");
        sample.Peers.Count.ShouldBe(0);

        string[] Told() => [.. sample.Peers.Span.ToArray().Select(peer => FormattableString.Invariant(
            $"{peer.Peer.Text} {peer.Traffic.Retransmitted}/{peer.Traffic.Sent} {peer.Connections} {peer.RoundTripSeconds} {peer.IsInTrouble}"))];

        void Run(int seconds, params TcpSocket[] sockets)
        {
            tally.Begin(table.Rows(), listening, rows, Range, TimeSpan.FromSeconds(seconds));

            // a dump that broke off, and all of it again
            tally.Add(sockets[0]);
            tally.Reset();
            foreach (ref readonly var socket in sockets.AsSpan())
            {
                tally.Add(socket);
            }

            tally.End(new SysctlTable(), sample);
        }

        static TcpSocket Sent(string remote, ushort port, ulong cookie, ulong sent, ulong retransmitted, uint roundTrip = 0) =>
            Traffic(Connection(TcpState.Established, "10.0.0.1", 40_000, remote, port), cookie, sent, retransmitted, roundTrip);

        static TcpSocket Accepted(string remote, ulong cookie, ulong sent, ulong retransmitted, uint roundTrip = 0) =>
            Traffic(Connection(TcpState.Established, "10.0.0.1", 80, remote, (ushort)(50_000 + cookie)), cookie, sent, retransmitted, roundTrip);

        static TcpSocket Traffic(TcpSocket socket, ulong cookie, ulong sent, ulong retransmitted, uint roundTrip) =>
            socket with { Cookie = cookie, BytesSent = sent, BytesRetransmitted = retransmitted, RoundTripMicroseconds = roundTrip, HasTraffic = true };
    }

    [Fact]
    public void Counts_what_was_sent_in_a_sweep_that_failed_with_the_next_one()
    {
        var tally = new SweepTally();
        var sample = new SweepSample();
        var socket = Connection(TcpState.Established, "10.0.0.1", 40_000, "10.0.0.9", 443) with { Cookie = 1, HasTraffic = true };
        for (var sweep = 1; sweep <= 4; sweep++)
        {
            tally.Begin([], [], [], Range, TimeSpan.FromSeconds(10 * sweep));
            tally.Add(socket with { BytesSent = (ulong)(1000 * sweep), BytesRetransmitted = (ulong)(100 * sweep) });
            if (sweep is 1 or 4)
            {
                tally.End(new SysctlTable(), sample);
            }
        }

        sample.Peers[0].Traffic.ShouldBe(new Traffic(3000, 300));
        sample.TrafficTime.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Follows_a_bounded_number_of_connections_and_names_a_bounded_number_of_peers()
    {
        var tally = new SweepTally();
        var sample = new SweepSample();
        var sysctls = new SysctlTable();
        var sweep = 0;
        Run();
        Run();
        sample.Peers.Count.ShouldBe(SweepTally.MaxPeers);
        sample.Peers[0].Traffic.Retransmitted.ShouldBe((ulong)ConnectionTable.Capacity, "those beyond it are not followed");
        Allocated.By(Run).ShouldBe(0);

        void Run()
        {
            // without a port range, so that destinations are not counted
            tally.Begin([], [], [], default, TimeSpan.FromSeconds(5 * sweep));
            for (var i = 1; i <= ConnectionTable.Capacity + 1000; i++)
            {
                tally.Add(new TcpSocket
                {
                    State = TcpState.Established,
                    LocalAddress = IpAddress.FromIPv4(0x0a00_0001),
                    LocalPort = 40_000,
                    RemoteAddress = IpAddress.FromIPv4(0x0b00_0000 + (uint)i),
                    RemotePort = 443,
                    Cookie = (ulong)i,
                    BytesSent = (ulong)(sweep * 1_000_000),
                    BytesRetransmitted = (ulong)(sweep * i),
                    HasTraffic = true,
                });
            }

            tally.End(sysctls, sample);
            sweep++;
        }
    }

    private static SweepSample Sweep(ListenerSocket[] listening, int max, params TcpSocket[] sockets)
    {
        var table = Table(max);
        table.Observe(listening, TimeSpan.Zero, 0);
        var tally = new SweepTally();
        var sample = new SweepSample();
        tally.Begin(table.Rows(), listening, RowsOf(table), Range);
        foreach (var socket in sockets)
        {
            tally.Add(socket);
        }

        tally.End(new SysctlTable(), sample);
        return sample;
    }

    private static int[] RowsOf(ListenerTable table)
    {
        var rows = new ValueList<int>();
        table.CopyRowsTo(rows);
        return [.. rows.Span];
    }

    private static TcpStateCounts Of(SweepSample sample, string address) =>
        sample.Listeners.Span.ToArray().Single(listener => listener.Identity.AddressText == address).Connections;

    private static TcpSocket Connection(TcpState state, string local, ushort port, string remote = "192.0.2.1", ushort remotePort = 50_000) => new()
    {
        State = state,
        LocalAddress = Ip(local),
        LocalPort = port,
        RemoteAddress = Ip(remote),
        RemotePort = remotePort,
    };
}
