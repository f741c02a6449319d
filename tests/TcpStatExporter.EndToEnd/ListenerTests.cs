using System.Globalization;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>What is remembered about listeners over time, and which ones get series if there are many.</summary>
public sealed class ListenerTests(ITestOutputHelper output)
{
    private const string Drops = "tcpstat_listen_drops_total";
    private const string NotExported = "tcpstat_listeners_not_exported";

    // opens COUNT listeners with a backlog of 1 on ports from 20000 of 127.0.NET.x, says so, and waits to be killed
    private const string ManyListeners =
        """
        use Socket;
        my ($net, $count) = @ARGV;
        my @kept;
        for my $i (0 .. $count - 1) {
            socket(my $s, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
            bind($s, sockaddr_in(20000 + $i % 1000, inet_aton("127.0.$net." . (1 + int($i / 1000))))) or die "bind: $!";
            listen($s, 1) or die "listen: $!";
            push @kept, $s;
        }
        $| = 1;
        print "listening\n";
        sleep 600;
        """;

    [Fact]
    public void A_restarted_listener_continues_its_drop_count()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        IPEndPoint endpoint;
        uint drops;
        using (var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20))
        {
            fault.StopRetries();
            endpoint = fault.Listener;
            drops = 11 + fault.Retries;
            exporter.ScrapeFresh().ListenerValue(Drops, endpoint).ShouldBe(drops);
        }

        exporter.ScrapeFresh().OfListener(Drops, endpoint).ShouldBeNull("nobody listens there any more");

        using (new AcceptQueueFull(ns, backlog: 8, clients: 0, port: endpoint.Port))
        {
            exporter.ScrapeFresh().ListenerValue(Drops, endpoint).ShouldBe(drops);
        }

        // between two samples, as far as possible
        using var again = new AcceptQueueFull(ns, backlog: 8, clients: 14, port: endpoint.Port);
        again.StopRetries();

        Ss.Listener(ns, endpoint).Drops.ShouldBe(5 + again.Retries);
        exporter.ScrapeFresh().ListenerValue(Drops, endpoint).ShouldBe(drops + 5 + again.Retries);
    }

    [Fact]
    public void Closing_a_socket_of_a_group_keeps_its_drops()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        using var fault = new OneFullOfGroup(ns, sockets: 4, backlog: 8, clients: 20);
        fault.StopRetries();
        var drops = 11 + fault.Retries;
        exporter.ScrapeFresh().ListenerValue(Drops, fault.Listener).ShouldBe(drops);

        fault.CloseFull();

        Ss.Listeners(ns).Where(socket => socket.IsAt(fault.Listener)).Sum(socket => socket.Drops!.Value).ShouldBe(0);
        var scrape = exporter.ScrapeFresh();
        scrape.ListenerValue(Drops, fault.Listener).ShouldBe(drops);
        scrape.ListenerValue("tcpstat_listen_sockets", fault.Listener).ShouldBe(3);
        scrape.ListenerValue("tcpstat_listen_queue_length", fault.Listener).ShouldBe(0);
        scrape.ListenerValue("tcpstat_listen_queue_limit", fault.Listener).ShouldBe(24);
        scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_peak", fault.Listener).ShouldBe(9 / 8.0);
    }

    [Fact]
    public void A_burst_of_a_tenth_of_a_second_shows_if_listeners_are_read_more_often()
    {
        const int Backlog = 100;
        const int Clients = 60;
        using var ns = NetNamespace.Create();
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, Backlog));
        var endpoint = listener.LocalEndPoint;
        using var bySecond = ExporterProcess.Start(ns);
        using var byTenth = ExporterProcess.Start(ns, arguments: ["--listeners.interval=100ms"]);
        byTenth.ScrapeFresh().ListenerValue("tcpstat_listen_queue_peak", endpoint).ShouldBe(0);

        // right after a tick of the exporter that reads every second; repeated if the machine was too busy to finish well
        // before the next tick
        Scrape last;
        Scrape next;
        double over;
        var tries = 0;
        do
        {
            (tries++).ShouldBeLessThan(20, "bursts between two ticks");
            last = NextTick(bySecond.Scrape());
            var seenBefore = InBucketsAbove(byTenth.Scrape(), "0.5");
            Burst(ns, listener, Clients, until: () => InBucketsAbove(byTenth.Scrape(), "0.5") > seenBefore || Ticks(bySecond.Scrape()) > Ticks(last));
            over = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
            next = NextTick(last);
        }
        while (Ticks(next) > Ticks(last) + 1 || next.Value("tcpstat_last_sample_timestamp_seconds") < over + 0.25);

        var seen = byTenth.ScrapeFresh();
        seen.ListenerValue("tcpstat_listen_queue_length", endpoint).ShouldBe(0, "it is over");
        seen.ListenerValue("tcpstat_listen_queue_peak", endpoint).ShouldBe(Clients);
        seen.ListenerValue("tcpstat_listen_queue_fill_ratio_peak", endpoint).ShouldBe(0.6);
        InBucketsAbove(seen, "0.5").ShouldBePositive();
        InBucketsAbove(seen, "0.75").ShouldBe(0);
        seen.ListenerValue("tcpstat_listen_queue_fill_ratio_count", endpoint)
            .ShouldBeGreaterThan(2 * seen.Value("tcpstat_samples_total"), "an observation a look, not a sample");

        Fill(next).ShouldBe(Fill(last), "none of its samples met the burst");

        Scrape NextTick(Scrape before)
        {
            var scrape = before;
            Wait.Until(() => Ticks(scrape = bySecond.Scrape()) > Ticks(before), () => "a tick", pause: TimeSpan.FromMilliseconds(10));
            return scrape;
        }

        static double Ticks(Scrape scrape) => scrape.Value("tcpstat_samples_total");
        double Fill(Scrape scrape) => scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_sum", endpoint);
        double InBucketsAbove(Scrape scrape, string bound) =>
            scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_count", endpoint)
            - scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_bucket", endpoint, ("le", bound));
    }

    [Fact]
    public void Of_hundreds_of_listeners_the_maximum_get_series_and_the_rest_are_counted()
    {
        using var ns = NetNamespace.Create();
        StartListeners(ns, net: 1, count: 300);
        using var some = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms", "--listeners.max=100"]);
        using var most = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        using var all = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms", "--listeners.max=1000"]);

        // 300, plus one of each exporter
        ShouldExport(some, 100, notExported: 203);
        ShouldExport(most, 256, notExported: 47);
        ShouldExport(all, 303, notExported: 0);

        // listeners with series keep them, even among many others
        var before = Exported(some.ScrapeFresh());
        StartListeners(ns, net: 0, count: 100);
        ShouldExport(some, 100, notExported: 303);
        Exported(some.ScrapeFresh()).ShouldBe(before);
    }

    [Fact]
    public void Patterns_select_the_listeners_with_series()
    {
        using var ns = NetNamespace.Create();
        StartListeners(ns, net: 1, count: 300);
        StartListeners(ns, net: 2, count: 100);
        using var exporter = ExporterProcess.Start(
            ns, arguments:
            [
                "--sample.interval=100ms",
                "--listeners.include=127.0.1.0/24:20010-20059",
                "--listeners.include=127.0.2.1",
                "--listeners.exclude=:20020-20029",
                "--listeners.exclude=127.0.2.0/24:20050-65535",
            ]);

        var scrape = exporter.ScrapeFresh();

        string[] expected =
        [
            .. Ports(20010, 20019).Concat(Ports(20030, 20059)).Select(port => $"127.0.1.1:{port}"),
            .. Ports(20000, 20019).Concat(Ports(20030, 20049)).Select(port => $"127.0.2.1:{port}"),
        ];
        Exported(scrape).ShouldBe(expected, ignoreOrder: true);
        scrape.Value(NotExported).ShouldBe(0, "those are not wanted");
        scrape.Value("tcpstat_connections", ("state", "listen")).ShouldBe(401, "they are counted as sockets");

        static IEnumerable<int> Ports(int first, int last) => Enumerable.Range(first, last - first + 1);
    }

    [Fact]
    public void Twenty_thousand_listeners_cause_no_missed_samples_and_no_flood_of_memory_or_series()
    {
        const double MostPerLook = 0.5;
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns);
        var before = exporter.ScrapeFresh();
        StartListeners(ns, net: 1, count: 10_000);
        StartListeners(ns, net: 2, count: 10_000);
        var scrape = exporter.ScrapeFresh();

        // repeat if the machine was too busy
        double missed;
        double look;
        var windows = 0;
        do
        {
            var from = scrape;
            scrape = exporter.ScrapeFresh();
            missed = More("tcpstat_samples_missed_total");
            look = More("tcpstat_sample_duration_seconds_sum", ("source", "listeners")) / More("tcpstat_sample_duration_seconds_count", ("source", "listeners"));

            double More(string name, params (string, string)[] labels) => scrape.Value(name, labels) - from.Value(name, labels);
        }
        while (++windows < 5 && (missed > 0 || look >= MostPerLook));

        scrape.Value("tcpstat_connections", ("state", "listen")).ShouldBe(20_001);
        Exported(scrape).Count.ShouldBe(256);
        scrape.Value(NotExported).ShouldBe(20_001 - 256);
        scrape.OfListener("tcpstat_listen_sockets", exporter.Web).ShouldNotBeNull("it was there before the crowd");
        scrape.Text.Length.ShouldBeLessThan(2_000_000);
        missed.ShouldBe(0);
        scrape.Samples("tcpstat_source_errors_total").ShouldAllBe(sample => sample.Value == 0);

        var memory = scrape.Value("process_resident_memory_bytes") - before.Value("process_resident_memory_bytes");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"20,000 listeners: {look * 1000:F1} ms a look, {memory / 1e6:F1} MB more"));
        look.ShouldBeLessThan(MostPerLook, "seconds a look at 20,000 listeners");
        memory.ShouldBeLessThan(64e6, "bytes more than with one");
    }

    private static void Burst(NetNamespace ns, KernelSocket listener, int clients, Func<bool> until)
    {
        var remote = listener.LocalEndPoint;
        var sockets = new List<KernelSocket>();
        try
        {
            ns.Run(() =>
            {
                for (var i = 0; i < clients; i++)
                {
                    sockets.Add(KernelSocket.Connected(remote));
                }
            });
            Wait.Until(until, () => "the burst is seen", pause: TimeSpan.FromMilliseconds(10));
            for (var i = 0; i < clients; i++)
            {
                sockets.Add(listener.Accept());
            }
        }
        finally
        {
            foreach (var socket in sockets)
            {
                socket.Dispose();
            }
        }
    }

    private static void StartListeners(NetNamespace ns, int net, int count)
    {
        Requires.Program("perl");
        Requires.Descriptors(count + 100);
        var child = ns.Start("perl", ["-e", ManyListeners, $"{net}", $"{count}"]);
        Wait.Until(
            () => child.Output is "listening\n" || (child.HasExited ? throw new InvalidOperationException(child.Error) : false),
            () => $"{count} listeners",
            TimeSpan.FromSeconds(60));
    }

    private static void ShouldExport(ExporterProcess exporter, int count, int notExported)
    {
        var scrape = exporter.ScrapeFresh();
        scrape.Value(NotExported).ShouldBe(notExported);
        foreach (var name in (string[])["tcpstat_listen_sockets", "tcpstat_listen_queue_length", "tcpstat_listen_queue_limit", "tcpstat_listen_queue_fill_ratio_count", Drops])
        {
            scrape.Samples(name).Count.ShouldBe(count, name);
        }
    }

    private static IReadOnlyList<string> Exported(Scrape scrape) =>
        [.. scrape.Samples("tcpstat_listen_sockets").Select(sample => $"{sample["address"]}:{sample["port"]}")];
}
