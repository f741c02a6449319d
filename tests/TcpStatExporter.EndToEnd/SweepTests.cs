using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

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
            () => "a destination in trouble");
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
}
