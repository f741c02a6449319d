using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>UDP receivers of a namespace that nobody reads, compared with ss.</summary>
public sealed class UdpTests
{
    private const int Port = 21_090;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_receiver_that_nobody_reads_drops_and_is_reported(string address)
    {
        using var ns = NetNamespace.Create();
        var at = new IPEndPoint(IPAddress.Parse(address), Port);
        using var receiver = ns.Run(() => Bound(at));
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms", "--source=netlink"]);
        Wait.Until(() => Value(exporter, "tcpstat_udp_drops_total", address) == 0, () => "the receiver, with no drops");

        ns.Run(() => Send(at, 1000));
        var dropped = Dropped(ns);
        dropped.ShouldBeInRange(1, 1000);
        Wait.Until(() => Value(exporter, "tcpstat_udp_drops_total", address) == dropped, () => $"{dropped} drops, as ss says");
        var limit = Value(exporter, "tcpstat_udp_queue_limit_bytes", address);
        limit.ShouldBe(receiver.ReceiveBufferSize);
        Value(exporter, "tcpstat_udp_queue_bytes", address).ShouldBeInRange(limit / 2, limit * 2);
        exporter.Scrape().Value("tcpstat_udp_socket_drops_total").ShouldBe(dropped);
        Wait.Until(
            () => exporter.Scrape().Value("tcpstat_finding", ("id", "udp-receiver-drops"), ("severity", "warning")) == 1, () => "a finding");

        // the kernel's own counter of full receive buffers
        var counter = at.AddressFamily == AddressFamily.InterNetworkV6 ? "tcpstat_udp6_rcvbuf_errors_total" : "tcpstat_udp_rcvbuf_errors_total";
        Wait.Until(() => exporter.Scrape().Value(counter) == dropped, () => $"{counter}: {dropped}");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Procfs_reports_drops_and_queue_but_no_limit(string address)
    {
        using var ns = NetNamespace.Create();
        var at = new IPEndPoint(IPAddress.Parse(address), Port);
        using var receiver = ns.Run(() => Bound(at));
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms", "--source=procfs"]);
        Wait.Until(() => Value(exporter, "tcpstat_udp_drops_total", address) == 0, () => "the receiver, with no drops");

        ns.Run(() => Send(at, 1000));
        var dropped = Dropped(ns);
        dropped.ShouldBeInRange(1, 1000);
        Wait.Until(() => Value(exporter, "tcpstat_udp_drops_total", address) == dropped, () => $"{dropped} drops, as ss says");
        Value(exporter, "tcpstat_udp_queue_bytes", address).ShouldBeInRange(receiver.ReceiveBufferSize / 2, receiver.ReceiveBufferSize * 2);
        exporter.Scrape().Samples("tcpstat_udp_queue_limit_bytes").ShouldBeEmpty();
        exporter.Scrape().Value("tcpstat_source_info", ("source", "udp"), ("method", "procfs")).ShouldBe(1);
    }

    /// <summary>It reads the socket twice, however short the time in between.</summary>
    [Fact]
    public void Doctor_names_the_receiver_that_drops_while_it_watches()
    {
        using var ns = NetNamespace.Create();
        var at = new IPEndPoint(IPAddress.Loopback, Port);
        using var receiver = ns.Run(() => Bound(at));
        var doctor = Doctor.ExamineDuring(ns, () => ns.Run(() => Send(at, 1000)));
        doctor.Finding("udp-receiver-drops").GetProperty("title").GetString().ShouldStartWith($"UDP receiver 127.0.0.1:{Port} ");
        doctor.Result.Output.ShouldContain("UdpRcvbufErrors");
        Doctor.Examine(ns).Found.ShouldNotContain("udp-receiver-drops", StringComparer.Ordinal, "nothing drops any more");
    }

    private static Socket Bound(IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8192 };
        socket.Bind(at);
        return socket;
    }

    private static void Send(IPEndPoint to, int count)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var data = new byte[100];
        for (var i = 0; i < count; i++)
        {
            socket.SendTo(data, to);
        }
    }

    /// <summary>Returns the last number in ss's skmem: d and the drops.</summary>
    private static double Dropped(NetNamespace ns)
    {
        var line = ns.Exec("ss", "-lunmH", $"sport = :{Port}").Checked();
        var start = line.LastIndexOf(",d", StringComparison.Ordinal) + 2;
        return double.Parse(line.AsSpan(start, line.IndexOf(')', start) - start), CultureInfo.InvariantCulture);
    }

    private static double Value(ExporterProcess exporter, string name, string address) => exporter.Scrape().Samples(name)
        .Where(sample => sample.Labels["address"] == address && sample.Labels["port"] == Port.ToString(CultureInfo.InvariantCulture))
        .Select(sample => sample.Value)
        .DefaultIfEmpty(-1)
        .Single();
}
