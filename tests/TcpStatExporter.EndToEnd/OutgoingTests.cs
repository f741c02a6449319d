using System.Diagnostics;
using System.Globalization;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Problems of connections that this host opens, and who owns them: no kernel counter shows this.</summary>
public sealed class OutgoingTests
{
    private const string Unit = "app.service";
    private const string Destinations = "tcpstat_syn_sent_destination_connections";
    private const string Seconds = "tcpstat_syn_sent_seconds_total";
    private const string Opens = "tcpstat_tcp_active_opens_total";
    private const string Held = "tcpstat_close_wait_held_connections";
    private const string Ports = "tcpstat_ephemeral_ports_busiest_destination_info";

    private static readonly string[] Fast = ["--sample.interval=100ms"];

    // another run may be active
    private static readonly string Slice = $"tcpstat-out-{Environment.ProcessId}.slice";

    /// <summary>
    /// Clients that give up after their own timeout of half a second close their sockets, so AttemptFails never increases.
    /// </summary>
    [Theory]
    [InlineData("auto", Unit)]
    [InlineData("procfs", "")]
    public void A_destination_that_does_not_answer(string source, string unit)
    {
        Requires.Program("curl");
        using var ns = NetNamespace.Create();
        using var network = new SilentNetwork(ns);
        using var cgroup = new Cgroup(Slice, Unit);
        using var exporter = ExporterProcess.Start(ns, arguments: [.. Fast, $"--source={source}"]);
        var destination = new IPEndPoint(SilentNetwork.Address(1), 5432).ToString();

        // the test's own connects were refused until the exporter listened
        var before = exporter.ScrapeFresh();

        // four at a time, each one after another, so there is one at any moment
        using var clients = InUnit(ns, cgroup, $"for i in 1 2 3 4; do for j in $(seq 15); do curl -s --connect-timeout 0.5 http://{destination}/; done & done; wait");
        Wait.Until(
            () => exporter.Scrape().Samples(Destinations) is [var only] && only["destination"] == destination && only["unit"] == unit,
            () => $"{destination} of {unit}; are: {string.Join(", ", exporter.Scrape().Samples(Destinations))}",
            pause: TimeSpan.FromMilliseconds(50));
        clients.WaitForExit(TimeSpan.FromMinutes(2)).ShouldBe(0);

        var scrape = exporter.ScrapeFresh();
        Added(before, scrape, Opens).ShouldBeInRange(60, 65);
        (Added(before, scrape, Seconds) / Added(before, scrape, Opens)).ShouldBeGreaterThan(0.4);
        Added(before, scrape, "tcpstat_tcp_attempt_fails_total").ShouldBe(0, "the kernel counts none of them");
        scrape.Samples(Destinations).ShouldBeEmpty("nobody waits any more");
    }

    [Fact]
    public void Quick_connects_name_no_destination()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: Fast);
        var before = exporter.ScrapeFresh();
        for (var i = 0; i < 10; i++)
        {
            using var connections = new OrdinaryConnections(ns, 100);
            exporter.ScrapeFresh().Samples(Destinations).ShouldBeEmpty();
        }

        var scrape = exporter.ScrapeFresh();
        Added(before, scrape, Opens).ShouldBeGreaterThanOrEqualTo(1000);
        (Added(before, scrape, Seconds) / Added(before, scrape, Opens)).ShouldBeLessThan(0.01);
    }

    /// <summary>
    /// Many destinations, each for half a second: connections wait all the time, but for no particular destination.
    /// </summary>
    [Fact]
    public void A_port_scan_names_no_destination()
    {
        using var ns = NetNamespace.Create();
        using var network = new SilentNetwork(ns);
        using var exporter = ExporterProcess.Start(ns, arguments: Fast);
        var round = 0;
        var looks = 0;
        Wait.Until(Look, () => $"looks while connections waited, were {looks}", TimeSpan.FromMinutes(3));
        exporter.Scrape().Value(Seconds).ShouldBeGreaterThan(100);

        bool Look()
        {
            var begun = Stopwatch.GetTimestamp();
            var targets = Enumerable.Range(1 + (round++ % 600 * 100), 100).Select(number => new IPEndPoint(SilentNetwork.Address(number), 22));
            var probes = ns.Run(() => targets.Select(KernelSocket.Connecting).ToArray());
            var scrape = exporter.ScrapeFresh();
            if (Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(2))
            {
                // the machine may stall: a connection that waited longer is named rightly
                looks += scrape.Value("tcpstat_connections", ("state", "syn_sent")) >= 100 ? 1 : 0;
                scrape.Samples(Destinations).ShouldBeEmpty();
            }

            foreach (var probe in probes)
            {
                probe.Dispose();
            }

            return looks >= 20;
        }
    }

    /// <summary>
    /// A pool whose server closes, but which does not notice. Names the unit and the server, also for the ports that it
    /// takes.
    /// </summary>
    [Theory]
    [InlineData("auto", Unit)]
    [InlineData("procfs", "")]
    public void Connections_that_nobody_closes_and_the_ports_they_use(string source, string unit)
    {
        Requires.Program("bash");
        using var ns = NetNamespace.Create();
        using var cgroup = new Cgroup(Slice, Unit);
        using var accepted = new CloseWaitLeak(ns, accepted: 12, unaccepted: 5);
        using var server = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, backlog: 64));
        var port = server.LocalEndPoint.Port;

        // the connections stay open, and it waits
        using var pool = InUnit(ns, cgroup, $"for i in $(seq 20); do exec {{fd}}<>/dev/tcp/127.0.0.1/{port}; done; kill -STOP $$", shell: "bash");
        for (var i = 0; i < 20; i++)
        {
            server.Accept().Dispose();
        }

        using var exporter = ExporterProcess.Start(ns, arguments: [.. Fast, $"--source={source}"]);
        var destination = $"127.0.0.1:{port}";
        Wait.Until(
            () => exporter.Scrape() is var now && now.Contains(Ports, ("source", "127.0.0.1"), ("destination", destination), ("unit", unit))
                && now.Contains(Held, ("destination", destination), ("unit", unit)),
            () => $"{destination} of {unit}; are: {string.Join(", ", exporter.Scrape().Samples(Ports).Concat(exporter.Scrape().Samples(Held)))}",
            pause: TimeSpan.FromMilliseconds(50));

        var scrape = exporter.ScrapeFresh();
        scrape.Value(Held, ("destination", destination), ("unit", unit)).ShouldBe(20);
        scrape.Samples(Held).Where(sample => sample["destination"].Length == 0).Sum(sample => sample.Value).ShouldBe(12, "accepted here");
        scrape.Samples(Held).Count.ShouldBe(2);
        scrape.Samples(Ports).ShouldHaveSingleItem();
        scrape.Value("tcpstat_close_wait_unaccepted_connections").ShouldBe(5);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("procfs")]
    public void An_application_that_accepts_and_never_reads_and_one_that_reads(string source)
    {
        const int Connections = 30;
        using var ns = NetNamespace.Create();
        using var unread = new NeverRead(ns, Connections);
        using var busy = new PingPong(ns, connections: 3);
        using var exporter = ExporterProcess.Start(ns, arguments: [.. Fast, $"--source={source}"]);
        exporter.WaitForSweep();
        Wait.Until(() => Unread(exporter, unread.Listener) == Connections, () => "none is read", pause: TimeSpan.FromMilliseconds(100));

        // it may be late once or twice
        var rounds = busy.Rounds;
        Wait.Until(() => Unread(exporter, busy.Listener) == 0 && busy.Rounds > rounds + 1000, () => "all are read", pause: TimeSpan.FromMilliseconds(100));
        Unread(exporter, unread.Listener).ShouldBe(Connections);
        busy.Stop();
    }

    private static double Added(Scrape before, Scrape after, string counter) => after.Value(counter) - before.Value(counter);

    private static double Unread(ExporterProcess exporter, IPEndPoint listener) => exporter.Scrape().Samples("tcpstat_listen_unread_connections")
        .Single(sample => sample["port"] == listener.Port.ToString(CultureInfo.InvariantCulture)).Value;

    private static ChildProcess InUnit(NetNamespace ns, Cgroup cgroup, string script, string shell = "sh") =>
        ns.Start(shell, ["-c", $"echo $$ >'{cgroup.Processes}'; {script}"]);
}
