using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>
/// Who lost how many, on the real kernel: never more than it counted, and nothing for listeners without losses. What
/// listeners discard is not a loss.
/// </summary>
public sealed class LossTests
{
    private const string Lost = "tcpstat_listen_lost_total";
    private const string Unattributed = "tcpstat_listen_lost_unattributed_total";
    private const string Drops = "tcpstat_listen_drops_total";

    private static readonly string[] Reasons = ["accept_queue", "syn_queue", "other"];

    [Fact]
    public void Deferred_accepts_are_not_a_loss_and_only_the_listener_with_losses_is_named()
    {
        using var ns = NetNamespace.Create();
        using var apache = new DeferredAccepts(ns);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        apache.Serve(200);
        var scrape = exporter.ScrapeFresh();
        scrape.ListenerValue(Drops, apache.Listener).ShouldBe(200, "the bare ACK of each handshake");
        LostAt(scrape, apache.Listener).ShouldBe(0);

        using var fault = new AcceptQueueFull(ns, backlog: 1, clients: 6);
        apache.Serve(200);
        fault.StopRetries();
        scrape = exporter.ScrapeFresh();
        LostAt(scrape, apache.Listener).ShouldBe(0);
        scrape.ListenerValue(Lost, fault.Listener, ("reason", "accept_queue")).ShouldBe(fault.Refused + fault.Retries);
        ShouldAddUp(ns, scrape);
        LostBeyondListeners(scrape).ShouldBe(0);
    }

    [Fact]
    public void Half_open_checks_are_not_a_loss()
    {
        using var server = NetNamespace.Create();
        using var balancer = NetNamespace.Create();
        var (here, there) = NetNamespace.Join(server, balancer);
        using var listener = server.Run(() => KernelSocket.Listener(here, 128));
        using var exporter = ExporterProcess.Start(server, arguments: ["--sample.interval=100ms"]);
        exporter.ScrapeFresh();

        // the balancer's own kernel has no socket for the SYN-ACK: it answers with a RST, and the handshake is over
        using var raw = balancer.Run(KernelSocket.Raw);
        for (var i = 0; i < 40; i++)
        {
            var source = new IPEndPoint(there, 20_000 + i);
            raw.SendTo(TcpSegment.Make(source, listener.LocalEndPoint, TcpSegment.Syn, sequence: 1000, acknowledgement: 0), listener.LocalEndPoint);
        }

        Wait.Until(() => Ss.Listener(server, listener.LocalEndPoint).Drops == 40, () => "each RST discarded at the listener");
        var scrape = exporter.ScrapeFresh();
        scrape.ListenerValue(Drops, listener.LocalEndPoint).ShouldBe(40);
        LostAt(scrape, listener.LocalEndPoint).ShouldBe(0);
        LostBeyondListeners(scrape).ShouldBe(0);
    }

    [Fact]
    public void What_a_socket_filter_drops_is_not_a_loss_even_if_another_listener_has_losses()
    {
        using var ns = NetNamespace.Create();
        using var filtered = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 128));
        filtered.Attach(SocketFilter.Nothing);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        exporter.ScrapeFresh();
        using var fault = new AcceptQueueFull(ns);
        var refused = ns.Run(() => Enumerable.Range(0, 8).Select(_ => KernelSocket.Connecting(filtered.LocalEndPoint)).ToArray());
        Array.ForEach(refused, client => client.Dispose());
        fault.StopRetries();
        var scrape = exporter.ScrapeFresh();
        scrape.ListenerValue(Drops, filtered.LocalEndPoint).ShouldBeGreaterThanOrEqualTo(8);
        LostAt(scrape, filtered.LocalEndPoint).ShouldBe(0);
        LostAt(scrape, fault.Listener).ShouldBe(fault.Refused + fault.Retries);
        ShouldAddUp(ns, scrape);
    }

    [Fact]
    public void A_flood_answered_with_cookies_is_not_a_loss()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(server, arguments: ["--sample.interval=100ms"]);
        using var flood = new SynFlood(server, attacker, backlog: 128, syns: 2000);
        flood.SendBadCookies(50);
        var scrape = exporter.ScrapeFresh();
        LostAt(scrape, flood.Listener).ShouldBe(0);
        LostBeyondListeners(scrape).ShouldBe(0);
    }

    [Fact]
    public void With_cookies_off_SYNs_lost_to_a_full_SYN_queue_have_their_own_reason()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "0");
        using var exporter = ExporterProcess.Start(server, arguments: ["--sample.interval=100ms"]);
        exporter.ScrapeFresh();
        using var flood = new SynFlood(server, attacker, backlog: 128, syns: 2000);
        var counted = Nstat.TcpExt(server, "ListenDrops")[0];
        counted.ShouldBeGreaterThan(1000);
        Wait.Until(() => exporter.Scrape().OfListener(Lost, flood.Listener, ("reason", "syn_queue"))?.Value == counted, () => $"{counted} SYNs lost: {LostAt(exporter.Scrape(), flood.Listener)}");
        ShouldAddUp(server, exporter.Scrape());
    }

    [Fact]
    public void A_queue_that_overflowed_was_full_even_if_no_read_saw_it()
    {
        const int Backlog = 16;
        using var ns = NetNamespace.Create();
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, Backlog));
        using var exporter = ExporterProcess.Start(ns);
        exporter.ScrapeFresh();
        var lost = 0.0;

        // bursts of a few milliseconds, most of them over before the next read
        for (var i = 0; i < 10 && lost == 0; i++)
        {
            ns.Run(() =>
            {
                var clients = Enumerable.Range(0, 40).Select(_ => KernelSocket.Connecting(listener.LocalEndPoint)).ToArray();
                for (var accepted = 0; accepted <= Backlog; accepted++)
                {
                    listener.Accept().Dispose();
                }

                Array.ForEach(clients, client => client.Dispose());
            });
            lost = LostAt(exporter.ScrapeFresh(), listener.LocalEndPoint);
        }

        var scrape = exporter.Scrape();
        scrape.ListenerValue("tcpstat_listen_queue_length", listener.LocalEndPoint).ShouldBeLessThanOrEqualTo(Backlog);
        lost.ShouldBeGreaterThanOrEqualTo(23);
        scrape.ListenerValue("tcpstat_listen_queue_peak", listener.LocalEndPoint).ShouldBeGreaterThan(Backlog);
        scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_peak", listener.LocalEndPoint).ShouldBeGreaterThan(1);
        (scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_count", listener.LocalEndPoint)
            - scrape.ListenerValue("tcpstat_listen_queue_fill_ratio_bucket", listener.LocalEndPoint, ("le", "1"))).ShouldBePositive();
    }

    /// <summary>
    /// One worker of a group is stuck, and the others, a server with deferred accepts and a filtered listener are busy. The
    /// losses are always attributed to the group, however the reads fall between the packets.
    /// </summary>
    [Fact]
    public void All_losses_are_attributed_to_the_stuck_worker_a_hundred_times_out_of_a_hundred()
    {
        using var ns = NetNamespace.Create();
        using var apache = new DeferredAccepts(ns);
        using var filtered = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 128));
        filtered.Attach(SocketFilter.Nothing);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        using var group = new OneFullOfGroup(ns);
        exporter.ScrapeFresh();
        for (var i = 0; i < 100; i++)
        {
            var clients = ns.Run(() => Enumerable.Range(0, 5)
                .SelectMany(_ => new[] { KernelSocket.Connecting(group.Listener), KernelSocket.Connecting(filtered.LocalEndPoint) })
                .ToArray());
            apache.Serve(5);
            Array.ForEach(clients, client => client.Dispose());
            var scrape = exporter.Scrape();
            LostAt(scrape, apache.Listener).ShouldBe(0);
            LostAt(scrape, filtered.LocalEndPoint).ShouldBe(0);
            LostBeyondListeners(scrape).ShouldBe(0);
        }

        group.StopRetries();
        var last = exporter.ScrapeFresh();
        LostAt(last, group.Listener).ShouldBe(Nstat.TcpExt(ns, "ListenDrops")[0]);
        LostAt(last, group.Listener).ShouldBeGreaterThanOrEqualTo(500);
        ShouldAddUp(ns, last);
    }

    [Fact]
    public void An_exporter_that_starts_later_counts_from_its_first_read_on()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, clients: 200);
        fault.StopRetries();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        var scrape = exporter.ScrapeFresh();
        scrape.ListenerValue(Drops, fault.Listener).ShouldBe(0);
        LostAt(scrape, fault.Listener).ShouldBe(0);
        LostBeyondListeners(scrape).ShouldBe(0);
        ns.Run(() => KernelSocket.Connecting(fault.Listener)).Dispose();
        scrape = exporter.ScrapeFresh();
        scrape.ListenerValue(Drops, fault.Listener).ShouldBe(1);
        LostAt(scrape, fault.Listener).ShouldBe(1);
    }

    [Fact]
    public void A_listener_that_pauses_and_comes_back_counts_nothing_twice()
    {
        using var ns = NetNamespace.Create();

        // a fixed port: shutdown(2) returns a port that the kernel chose
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 1, port: 21_050));
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        exporter.ScrapeFresh();
        var endpoint = listener.LocalEndPoint;
        ns.Run(() => Array.ForEach([.. Enumerable.Range(0, 10).Select(_ => KernelSocket.Connecting(endpoint))], client => client.Dispose()));
        exporter.ScrapeFresh().ListenerValue(Drops, endpoint).ShouldBeGreaterThanOrEqualTo(8);
        var before = exporter.Scrape();

        // as HAProxy does: shutdown(2) stops listening, but the socket and its drop count stay
        listener.StopListening();
        var samples = before.Value("tcpstat_samples_total") + 70;
        Wait.Until(() => exporter.Scrape().Value("tcpstat_samples_total") > samples, () => "seventy looks without it");
        exporter.Scrape().OfListener(Drops, endpoint).ShouldBeNull();
        listener.Listen(1);
        var after = exporter.ScrapeFresh();
        after.ListenerValue(Drops, endpoint).ShouldBe(before.ListenerValue(Drops, endpoint));
        LostAt(after, endpoint).ShouldBe(LostAt(before, endpoint));
        after.ListenerValue("tcpstat_listen_openings_total", endpoint).ShouldBe(before.ListenerValue("tcpstat_listen_openings_total", endpoint) + 1);
    }

    private static double LostAt(Scrape scrape, IPEndPoint listener) => Reasons.Sum(reason => scrape.ListenerValue(Lost, listener, ("reason", reason)));

    private static double LostBeyondListeners(Scrape scrape) => Reasons.Sum(reason => scrape.Value(Unattributed, ("reason", reason)));

    /// <summary>
    /// The losses attributed to listeners, plus those attributed to none, are at most what the kernel counted. Nothing
    /// changes meanwhile.
    /// </summary>
    private static void ShouldAddUp(NetNamespace ns, Scrape scrape)
    {
        var counted = Nstat.TcpExt(ns, "ListenOverflows", "ListenDrops");
        var given = scrape.Samples(Lost).Sum(sample => sample.Value) + LostBeyondListeners(scrape);
        given.ShouldBeLessThanOrEqualTo(counted[1]);
        var overflows = scrape.Samples(Lost).Where(sample => sample["reason"] == "accept_queue").Sum(sample => sample.Value);
        overflows.ShouldBeLessThanOrEqualTo(counted[0]);
    }
}
