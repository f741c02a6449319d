using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Sources;
using Xunit;
using KernelNamespace = TcpStatExporter.Kernel.Linux.NetNamespace;
using NetNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.EndToEnd;

/// <summary>What full scans of all sockets say about connections that are open at two of them.</summary>
public sealed class SweepTests
{
    /// <summary>The daemon as nobody: the destination that loses has series, the one beside it has none.</summary>
    [Fact]
    public void Loss_is_told_by_destination()
    {
        using var ns = NetNamespace.Create();
        using var healthy = new LossyReceivers(ns, streams: 1, loss: 0);
        using var lossy = new LossyReceivers(ns, streams: 8, loss: 0.25);
        using var exporter = ExporterProcess.Start(ns, asNobody: true);
        var lost = ("destination", lossy.Listener.ToString());
        Scrape? scrape = null;
        Wait.Until(
            () =>
            {
                healthy.Send(100);
                lossy.Send(100);
                scrape = exporter.Scrape();
                return scrape.Samples("tcpstat_destination_retransmitted_ratio").Count > 0;
            },
            () => "a destination in trouble",
            TimeSpan.FromMinutes(2));
        scrape!.Value("tcpstat_destination_retransmitted_ratio", lost).ShouldBeInRange(0.05, 0.9);
        scrape.Value("tcpstat_destination_round_trip_seconds", lost).ShouldBeInRange(1e-6, 10);
        scrape.Samples("tcpstat_destination_retransmitted_ratio").Count.ShouldBe(1, "of the receivers' own connections, which send nothing, there is none");
    }

    /// <summary>
    /// One server closes connections that were idle for three seconds, the one beside it closes after each response, and a
    /// third keeps its connections. Only the first has a finding.
    /// </summary>
    [Fact]
    public void A_short_idle_timeout_is_told_with_the_time()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, asNobody: true);
        using var atOnce = new IdleTimeoutServer(ns, TimeSpan.Zero);
        using var patient = new IdleTimeoutServer(ns, TimeSpan.FromHours(1));
        using var hasty = new IdleTimeoutServer(ns, TimeSpan.FromSeconds(3));
        Wait.Until(
            () => exporter.Scrape().Samples("tcpstat_finding").Any(finding => finding.Labels["id"] == "keepalive-timeout-short" && finding.Value == 1),
            () => $"a finding; {hasty.Closed} connections were closed",
            TimeSpan.FromMinutes(2),
            TimeSpan.FromMilliseconds(200));
        using var view = JsonDocument.Parse(exporter.Http.GetStringAsync(new Uri("/api/v1/view", UriKind.Relative), TestContext.Current.CancellationToken).GetAwaiter().GetResult());
        var finding = view.RootElement.GetProperty("findings").EnumerateArray().Single(one => one.GetProperty("id").GetString() == "keepalive-timeout-short");
        finding.GetProperty("listeners").EnumerateArray().Select(listener => listener.GetProperty("port").GetInt32()).ShouldBe([hasty.Listener.Port]);
        finding.GetProperty("title").GetString()!.ShouldMatch($@"^127\.0\.0\.1:{hasty.Listener.Port} (\(.*\) )?closes idle connections after about 3\.[0-9] s$");
    }

    /// <summary>
    /// Both ends of connections between two hosts, read from the kernel with a threshold of two seconds. Those with keepalive,
    /// those in use and those on loopback do not count as idle without keepalive. None does at the threshold of the daemon.
    /// </summary>
    [Fact]
    public void Connections_that_are_idle_for_long_without_keepalive_are_counted_at_both_ends()
    {
        using var server = NetNamespace.Create();
        using var client = NetNamespace.Create();
        var (address, _) = NetNamespace.Join(server, client);
        using var idle = new IdleConnections(server, client, address);
        using var atServer = new SweepOf(server, TimeSpan.FromSeconds(2));
        using var atClient = new SweepOf(client, TimeSpan.FromSeconds(2));
        using var patient = new SweepOf(server, longIdle: null);
        var (accepted, opened) = (new SweepSample(), new SweepSample());
        Wait.Until(
            () =>
            {
                idle.UseTheBusyOne();
                accepted = atServer.Sweep();
                opened = atClient.Sweep();
                return accepted.IdleWithoutKeepalive + accepted.IdleLateKeepalive >= IdleConnections.Silent + IdleConnections.KeptAlive
                    && opened.IdleWithoutKeepalive >= IdleConnections.Silent + IdleConnections.KeptAlive;
            },
            () => $"at the server {accepted.IdleWithoutKeepalive} idle and {accepted.IdleLateKeepalive} with keepalive, at the client {opened.IdleWithoutKeepalive}");

        (accepted.HasIdle, accepted.IdleWithoutKeepalive, accepted.IdleLateKeepalive).ShouldBe((true, IdleConnections.Silent, IdleConnections.KeptAlive));
        accepted.Listeners.Span.ToArray().Select(listener => ((int)listener.Identity.Port, listener.IdleWithoutKeepalive)).ShouldBe([(idle.Listener.Port, IdleConnections.Silent)]);

        // the client's ends have no keepalive
        (opened.IdleWithoutKeepalive, opened.IdleLateKeepalive).ShouldBe((IdleConnections.Silent + IdleConnections.KeptAlive, 0));
        opened.IdlePeers.Span.ToArray().Select(peer => (peer.Peer.Text, peer.Connections))
            .ShouldBe([(idle.Listener.ToString(), IdleConnections.Silent + IdleConnections.KeptAlive)]);

        var none = patient.Sweep();
        (none.HasIdle, none.IdleWithoutKeepalive, none.IdleLateKeepalive).ShouldBe((true, 0, 0));
    }

    /// <summary>Doctor names the peer, with what the kernel counted.</summary>
    [Fact]
    public void Doctor_names_the_destination_that_loses()
    {
        using var ns = NetNamespace.Create();
        using var lossy = new LossyReceivers(ns, streams: 8, loss: 0.25);
        var finding = Doctor.ExamineDuring(ns, TimeSpan.FromSeconds(6), () => lossy.Send(200)).Finding("retransmissions");
        var line = finding.GetProperty("measured").EnumerateArray().Select(measured => measured.GetString()!).Single(text => text.StartsWith($"{lossy.Listener}: ", StringComparison.Ordinal));
        line.ShouldEndWith(", 8 connections");
        line.ShouldContain(" KiB retransmitted of ");
        line.ShouldContain(", round trip ");
    }

    /// <summary>The parts of the daemon that scan all sockets of a network namespace.</summary>
    private sealed class SweepOf : IDisposable
    {
        private readonly KernelNamespace _net;
        private readonly SampleStore _store = new(TimeProvider.System, TimeSpan.MaxValue);
        private readonly Sampler _sampler;
        private readonly Sweeper _sweeper;

        public SweepOf(NetNamespace ns, TimeSpan? longIdle)
        {
            KernelNamespace.TryOpen(ns.FilePath, out var opened, out var errno).ShouldBeTrue(errno.ToString(CultureInfo.InvariantCulture));
            _net = opened!;
            var sources = new SourceFactory(SourceChoice.Netlink, _net, NullLogger.Instance, CancellationToken.None);
            var tally = new SweepTally(longIdle: longIdle);
            _sampler = new Sampler(
                sources.CreateTickSources(),
                new ListenerTable(TimeSpan.FromMinutes(1), max: 8, (_, _) => true, _ => "", _ => ""),
                new StuckTable(_ => ""),
                host: null,
                TimeSpan.FromMinutes(1),
                _store,
                TimeProvider.System,
                NullLogger<Sampler>.Instance);
            _sweeper = new Sweeper(sources.CreateSweepSource(tally), tally, _store, TimeProvider.System, NullLogger<Sweeper>.Instance);
        }

        /// <summary>A sample, so that listeners and the port range are known, and a scan.</summary>
        public SweepSample Sweep()
        {
            _sampler.Sample();
            _sweeper.Sweep();
            _sampler.Sample();
            using var lease = _store.Take();
            lease.Sample.Status(SourceId.Sweep).IsOk.ShouldBeTrue();
            var copy = new SweepSample();
            lease.Sample.Sweep.CopyTo(copy);
            return copy;
        }

        public void Dispose()
        {
            _sampler.Dispose();
            _sweeper.Dispose();
            _net.Dispose();
        }
    }
}
