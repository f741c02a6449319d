using System.Globalization;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Which listener is which if several share an address and port, and which connection belongs to whom.</summary>
public sealed class IdentityTests
{
    private const int Port = 21_060;

    private static readonly string[] Devices = ["red0", "blue0"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Listeners_on_two_devices_are_distinguished(bool inTwoUnits)
    {
        using var ns = NetNamespace.Create();
        using var clients = NetNamespace.Create();
        using var red = new ServiceUnit("red");
        using var blue = new ServiceUnit("blue");
        for (var i = 0; i < Devices.Length; i++)
        {
            ChildProcess.Run("ip", ["link", "add", Devices[i], "netns", ns.Name, "type", "veth", "peer", "name", Devices[i], "netns", clients.Name]).Checked();
            ns.Exec("ip", "address", "add", $"10.202.{i}.1/24", "dev", Devices[i]).Checked();
            clients.Exec("ip", "address", "add", $"10.202.{i}.2/24", "dev", Devices[i]).Checked();
            ns.Exec("ip", "link", "set", Devices[i], "up").Checked();
            clients.Exec("ip", "link", "set", Devices[i], "up").Checked();
        }

        using var onRed = red.Run(() => ns.Run(() => Listener("red0", 2)));
        using var onBlue = (inTwoUnits ? blue : red).Run(() => ns.Run(() => Listener("blue0", 64)));
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        exporter.ScrapeFresh();
        var connecting = clients.Run(() => Enumerable.Range(0, 15)
            .Select(i => KernelSocket.Connecting(new IPEndPoint(IPAddress.Parse(i < 10 ? "10.202.0.1" : "10.202.1.1"), Port)))
            .ToArray());
        var accepted = Enumerable.Range(0, 5).Select(_ => onBlue.Accept()).ToArray();
        Wait.Until(() => Value(exporter.Scrape(), "tcpstat_listen_queue_length", "red0") == 3, () => "a full queue on red0");
        Wait.Until(
            () => exporter.Scrape() is var swept && swept.Samples("tcpstat_listen_connections").Count > 0
                && Connections(swept, "red0") == 3 && Connections(swept, "blue0") == 5,
            () => $"3 and 5 connections: {string.Join(' ', exporter.Scrape().Samples("tcpstat_listen_connections").Where(sample => sample.Value > 0))}");
        var scrape = exporter.Scrape();
        (Value(scrape, "tcpstat_listen_queue_limit", "red0"), Value(scrape, "tcpstat_listen_queue_limit", "blue0")).ShouldBe((2, 64));
        (Value(scrape, "tcpstat_listen_sockets", "red0"), Value(scrape, "tcpstat_listen_sockets", "blue0")).ShouldBe((1, 1));
        Value(scrape, "tcpstat_listen_queue_fill_ratio_peak", "red0").ShouldBe(1.5);
        Lost(scrape, "red0").ShouldBeGreaterThanOrEqualTo(7);
        Lost(scrape, "blue0").ShouldBe(0);
        Array.ForEach(accepted, socket => socket.Dispose());
        Array.ForEach(connecting, socket => socket.Dispose());

        static KernelSocket Listener(string device, int backlog)
        {
            var socket = KernelSocket.Tcp();
            socket.BindToDevice(device);
            socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            socket.Listen(backlog);
            return socket;
        }

        static double Value(Scrape scrape, string name, string device) =>
            scrape.Samples(name).Single(sample => sample["device"] == device && sample["port"] == Text(Port)).Value;

        static double Lost(Scrape scrape, string device) =>
            scrape.Samples("tcpstat_listen_lost_total").Where(sample => sample["device"] == device).Sum(sample => sample.Value);

        static double Connections(Scrape scrape, string device) =>
            scrape.Samples("tcpstat_listen_connections").Where(sample => sample["device"] == device && sample["state"] == "established").Sum(sample => sample.Value);
    }

    [Fact]
    public void A_link_local_listener_has_its_scope()
    {
        using var ns = NetNamespace.Create();
        Assert.SkipUnless(ns.HasIPv6, "the namespace has no IPv6");
        ns.Exec("ip", "link", "add", "scope0", "type", "veth", "peer", "name", "scope1").Checked();
        ns.Exec("ip", "address", "add", "fe80::1/64", "dev", "scope0", "nodad").Checked();
        ns.Exec("ip", "link", "set", "scope0", "up").Checked();
        ns.Exec("ip", "link", "set", "scope1", "up").Checked();
        var links = ns.Exec("ip", "-o", "link", "show", "dev", "scope0").Checked();
        var index = int.Parse(links[..links.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        using var listener = ns.Run(() => KernelSocket.Listener(new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), index), 8));
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        var sample = exporter.ScrapeFresh().Samples("tcpstat_listen_queue_limit").Single(sample => sample["address"] == "fe80::1");
        (sample["device"], sample.Value).ShouldBe(("scope0", 8));
    }

    [Fact]
    public void IPV6_V6ONLY_decides_which_listener_owns_an_IPv4_connection()
    {
        using var ns = NetNamespace.Create();
        Assert.SkipUnless(ns.HasIPv6, "the namespace has no IPv6");
        var sockets = new List<KernelSocket>();
        ns.Run(() =>
        {
            Keep(KernelSocket.Listener(IPAddress.Any, 8, 21_090));
            Keep(Six(21_090));
            Keep(Six(40_000));
            Connect(2, IPAddress.Loopback);
            Connect(3, IPAddress.IPv6Loopback);

            // an outgoing connection from a port with only an IPv6 listener
            var outgoing = Keep(KernelSocket.Tcp());
            outgoing.Bind(new IPEndPoint(IPAddress.Loopback, 40_000));
            outgoing.TryConnect(new IPEndPoint(IPAddress.Loopback, 21_090)).ShouldBe(0);
        });
        using var exporter = ExporterProcess.Start(ns);
        exporter.WaitForSweep();
        var connections = exporter.Scrape().Samples("tcpstat_listen_connections").Where(sample => sample["state"] == "established")
            .ToDictionary(sample => $"{sample["address"]} {sample["port"]}", sample => sample.Value, StringComparer.Ordinal);
        connections["0.0.0.0 21090"].ShouldBe(3);
        connections[":: 21090"].ShouldBe(3);
        connections[":: 40000"].ShouldBe(0);
        sockets.ForEach(socket => socket.Dispose());

        KernelSocket Keep(KernelSocket socket)
        {
            sockets.Add(socket);
            return socket;
        }

        void Connect(int count, IPAddress address)
        {
            for (var i = 0; i < count; i++)
            {
                Keep(KernelSocket.Connected(new IPEndPoint(address, 21_090)));
            }
        }

        static KernelSocket Six(int port)
        {
            var socket = KernelSocket.Tcp(System.Net.Sockets.AddressFamily.InterNetworkV6);
            socket.SetOption(Libc.IpProtoIPv6, Libc.IPv6Only, 1);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            socket.Listen(16);
            return socket;
        }
    }

    [Fact]
    public void A_group_across_two_units_has_two_rows_and_each_connection_belongs_to_its_own_unit()
    {
        using var ns = NetNamespace.Create();
        using var blueGreen = new ServiceUnit("blue-green-a");
        using var other = new ServiceUnit("blue-green-b");
        Assert.SkipWhen(blueGreen.Name.Length == 0, "no cgroup2 hierarchy can be written");
        using var first = blueGreen.Run(() => ns.Run(() => Member()));
        using var second = other.Run(() => ns.Run(() => Member()));

        // the second socket gets all connections
        second.SelectByProgram(SocketFilter.LastOfTwo);
        var clients = ns.Run(() => Enumerable.Range(0, 4).Select(_ => KernelSocket.Connected(new IPEndPoint(IPAddress.Loopback, Port))).ToArray());
        using var exporter = ExporterProcess.Start(ns);
        exporter.WaitForSweep();
        var scrape = exporter.Scrape();
        Of("tcpstat_listen_queue_length", blueGreen).ShouldBe(0);
        Of("tcpstat_listen_queue_length", other).ShouldBe(4);
        Of("tcpstat_listen_connections", blueGreen).ShouldBe(0);
        Of("tcpstat_listen_connections", other).ShouldBe(4);
        Array.ForEach(clients, client => client.Dispose());

        double Of(string name, ServiceUnit unit) =>
            scrape.Samples(name).Where(sample => sample["unit"] == unit.Name).Sum(sample => sample.Value);

        static KernelSocket Member()
        {
            var socket = KernelSocket.Tcp();
            socket.SetOption(Libc.SolSocket, Libc.SoReusePort, 1);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            socket.Listen(16);
            return socket;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
