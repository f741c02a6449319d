using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Procfs;

/// <summary>The captured hosts, read by both parsers. Short files are also written out here.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> HostFiles()
    {
        var files = new TheoryData<string>();
        foreach (var host in new[] { Fixture.TenStates, Fixture.Idle, Fixture.FullConntrack, Fixture.Udp })
        {
            var root = Fixture.Path(host);
            files.AddRange(Directory.EnumerateFiles(Path.Combine(root, "proc"), "*", SearchOption.AllDirectories)
                .Select(file => $"{host}/{Path.GetRelativePath(root, file)}")
                .ToArray());
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(HostFiles))]
    public void Agrees_with_a_naive_parser(string fixture)
    {
        var text = Fixture.Bytes(fixture);
        var file = Path.GetFileName(fixture);
        KernelText.Parse(file, text, out var read).IsNone.ShouldBeTrue();
        read.ShouldBe(KernelText.ParseNaively(file, text));
    }

    [Theory]
    [InlineData("tcp", 7, 23, 1, 3, 3, 7, 2, 3, 1, 2)]
    [InlineData("tcp6", 4, 14, 1, 1, 3, 3, 1, 4, 2, 1)]
    public void Counts_every_state(
        string file, long listen, long established, long synSent, long synRecv, long finWait1, long finWait2, long timeWait, long closeWait, long lastAck, long closing)
    {
        var counts = default(TcpStateCounts);
        foreach (var socket in Sockets(file))
        {
            counts.Add(socket.State);
        }

        counts[TcpState.Listen].ShouldBe(listen);
        counts[TcpState.Established].ShouldBe(established);
        counts[TcpState.SynSent].ShouldBe(synSent);
        counts[TcpState.SynRecv].ShouldBe(synRecv);
        counts[TcpState.FinWait1].ShouldBe(finWait1);
        counts[TcpState.FinWait2].ShouldBe(finWait2);
        counts[TcpState.TimeWait].ShouldBe(timeWait);
        counts[TcpState.CloseWait].ShouldBe(closeWait);
        counts[TcpState.LastAck].ShouldBe(lastAck);
        counts[TcpState.Closing].ShouldBe(closing);
        counts.Unknown.ShouldBe(0);
    }

    [Fact]
    public void Reads_accept_queues_and_unaccepted_connections()
    {
        var sockets = Sockets("tcp");
        var listener = sockets.Single(socket => socket is { State: TcpState.Listen, LocalPort: 5000 });
        listener.ReceiveQueue.ShouldBe(4u);
        listener.RemoteAddress.ShouldBe(IpAddress.FromIPv4(0));
        sockets.Count(socket => socket is { LocalPort: 5000, State: TcpState.Established, Inode: 0 }).ShouldBe(3);
        sockets.Count(socket => socket is { LocalPort: 5000, State: TcpState.CloseWait, Inode: 0 }).ShouldBe(1);
    }

    [Fact]
    public void Reads_queued_bytes_and_timers()
    {
        var sockets = Sockets("tcp").Concat(Sockets("tcp6")).ToList();
        sockets.ShouldContain(socket => socket.LocalPort == 8080 && socket.ReceiveQueue == 1000);
        sockets.ShouldContain(socket => socket.RemotePort == 8081 && socket.SendQueue == 2000 && socket.Timer == 1);
        sockets.ShouldContain(socket => socket.RemotePort == 8080 && socket.Timer == 2);
        sockets.Where(socket => socket.State == TcpState.TimeWait).ShouldAllBe(socket => socket.Timer == 3 && socket.Inode == 0);
        sockets.ShouldContain(socket => socket.State == TcpState.FinWait2 && socket.Timer == 3);
        sockets.ShouldContain(socket => socket.State == TcpState.FinWait2 && socket.Timer == 0 && socket.Inode != 0);
    }

    [Fact]
    public void Reads_addresses_of_each_kind()
    {
        var addresses = Sockets("tcp").Concat(Sockets("tcp6")).Select(socket => socket.LocalAddress.ToString()).Distinct(StringComparer.Ordinal);
        addresses.ShouldBe(["127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"], ignoreOrder: true);
    }

    /// <summary>The files of one host agree, because they were captured while nothing changed.</summary>
    [Fact]
    public void Snmp_and_sockstat_agree_with_the_rows()
    {
        var sockets = Sockets("tcp").Concat(Sockets("tcp6")).ToList();
        var table = new CounterTable();
        Snmp.Parse(Bytes("snmp"), table).IsNone.ShouldBeTrue();
        var sockstat = default(SockstatCounts);
        Sockstat.Parse(Bytes("sockstat"), ref sockstat, out _).IsNone.ShouldBeTrue();
        Sockstat6.Parse(Bytes("sockstat6"), ref sockstat).IsNone.ShouldBeTrue();

        table.Values[table.IndexOf("CurrEstab")].ShouldBe((ulong)sockets.Count(socket => socket.State is TcpState.Established or TcpState.CloseWait));
        unchecked((long)table.Values[table.IndexOf("MaxConn")]).ShouldBe(-1);
        sockstat.TcpTimeWait.ShouldBe(sockets.Count(socket => socket.Timer == 3));
        (sockstat.TcpInUse + sockstat.Tcp6InUse).ShouldBe(sockets.Count(socket => socket.Timer != 3 && socket.State != TcpState.SynRecv));
        sockstat.HasTcp6.ShouldBeTrue();
    }

    /// <summary>The capture script sends 200 datagrams to each of two receivers that nobody reads.</summary>
    [Fact]
    public void Udp_agrees_with_snmp_and_snmp6()
    {
        foreach (var (file, family, counters) in new[] { ("udp", IpFamily.IPv4, "snmp"), ("udp6", IpFamily.IPv6, "snmp6") })
        {
            var sockets = new List<TcpSocket>();
            var visitor = new SocketList(sockets);
            new NetTcp(family, isUdp: true).Parse(Fixture.Bytes($"{Fixture.Udp}/proc/net/{file}"), last: true, ref visitor, out _).IsNone.ShouldBeTrue();
            sockets.ShouldAllBe(socket => socket.HasDrops && socket.Inode != 0);
            var receiver = sockets.Single(socket => socket.LocalPort == 53);
            receiver.State.ShouldBe(TcpState.Close);
            receiver.ReceiveQueue.ShouldBeGreaterThan(8192u);
            receiver.Drops.ShouldBeInRange(1u, 199u);
            sockets.Where(socket => socket.LocalPort != 53).ShouldAllBe(socket => socket.Drops == 0);

            var table = new CounterTable();
            var text = Fixture.Bytes($"{Fixture.Udp}/proc/net/{counters}");
            (counters is "snmp" ? Snmp.ParseUdp(text, table) : Snmp6.Parse(text, table)).IsNone.ShouldBeTrue();
            table.Names.ToArray().ShouldBe(["InDatagrams", "NoPorts", "InErrors", "OutDatagrams", "RcvbufErrors", "SndbufErrors", "InCsumErrors", "IgnoredMulti", "MemErrors"]);
            table.Values[table.IndexOf("RcvbufErrors")].ShouldBe(receiver.Drops);
            table.Values[table.IndexOf("InErrors")].ShouldBe(receiver.Drops);
        }
    }

    private static byte[] Bytes(string file) => Fixture.Bytes($"{Fixture.TenStates}/proc/net/{file}");

    private static List<TcpSocket> Sockets(string file)
    {
        var sockets = new List<TcpSocket>();
        var visitor = new SocketList(sockets);
        var parser = new NetTcp(KernelText.Family(file));
        parser.Parse(Bytes(file), last: true, ref visitor, out _).IsNone.ShouldBeTrue();
        return sockets;
    }
}
