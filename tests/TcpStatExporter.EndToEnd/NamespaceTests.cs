using System.Globalization;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>One exporter and two network namespaces.</summary>
public sealed class NamespaceTests
{
    private const int Port = 21_070;

    [Fact]
    public void A_listener_with_losses_in_another_namespace_is_reported_with_the_namespaces_name()
    {
        using var ns = NetNamespace.Create();
        using var pod = NetNamespace.Create();
        pod.Exec("sysctl", "-q", "-w", "net.core.somaxconn=77").Checked();
        using var here = ns.Run(() => Listener(backlog: 64));
        using var there = pod.Run(() => Listener(backlog: 2));
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms", "--netns.named", pod.Name]);
        exporter.ScrapeFresh();
        exporter.Scrape().Value("tcpstat_sysctl", ("netns", pod.Name), ("name", "net.core.somaxconn")).ShouldBe(77);

        var connecting = pod.Run(() => Enumerable.Range(0, 10).Select(_ => KernelSocket.Connecting(new IPEndPoint(IPAddress.Loopback, Port))).ToArray());
        Wait.Until(() => Value(exporter.Scrape(), "tcpstat_listen_lost_total", pod.Name, "accept_queue") >= 7, () => "7 lost in the namespace");
        var scrape = exporter.Scrape();
        Value(scrape, "tcpstat_listen_queue_limit", pod.Name).ShouldBe(2);
        Value(scrape, "tcpstat_listen_queue_limit", netns: null).ShouldBe(64);
        Value(scrape, "tcpstat_listen_lost_total", netns: null, "accept_queue").ShouldBe(0);
        Value(scrape, "tcpstat_listen_queue_length", netns: null).ShouldBe(0);
        Wait.Until(
            () => exporter.Scrape().Value("tcpstat_finding", ("netns", pod.Name), ("id", "listener-dropping"), ("severity", "critical")) == 1,
            () => "a finding in the namespace");
        exporter.Scrape().Value("tcpstat_finding", ("id", "listener-dropping"), ("severity", "critical")).ShouldBe(0);
        Wait.Until(() => exporter.Log.Contains($", in {pod.Name}]", StringComparison.Ordinal), () => exporter.Log);
        Array.ForEach(connecting, socket => socket.Dispose());
    }

    [Fact]
    public void Each_namespace_is_swept_and_a_closed_listener_disappears_alone()
    {
        using var ns = NetNamespace.Create();
        using var pod = NetNamespace.Create();
        using var here = ns.Run(() => Listener(backlog: 8));
        var there = pod.Run(() => Listener(backlog: 8));
        using var client = pod.Run(() => KernelSocket.Connecting(new IPEndPoint(IPAddress.Loopback, Port)));
        using var accepted = there.Accept();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms", "--netns.named", pod.Name]);
        Wait.Until(() => Connections(exporter.Scrape(), pod.Name) == 1, () => "a connection in the namespace");
        Connections(exporter.Scrape(), netns: null).ShouldBe(0);
        there.Dispose();
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_listen_sockets").Count(sample => IsPort(sample)) == 1, () => "one listener left");
        Value(exporter.Scrape(), "tcpstat_listen_sockets", netns: null).ShouldBe(1);
    }

    [Fact]
    public void A_missing_namespace_ends_the_start_with_one_line()
    {
        using var ns = NetNamespace.Create();
        var ended = Should.Throw<InvalidOperationException>(() => ExporterProcess.Start(ns, arguments: ["--netns.named", "tcpstat-no-such"]));
        ended.Message.ShouldContain("Network namespace tcpstat-no-such");
        ended.Message.ShouldNotContain("   at ");
    }

    private static KernelSocket Listener(int backlog)
    {
        var socket = KernelSocket.Tcp();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        socket.Listen(backlog);
        return socket;
    }

    private static bool IsPort(MetricSample sample) => sample.Labels["port"] == Port.ToString(CultureInfo.InvariantCulture);

    private static double Connections(Scrape scrape, string? netns) => scrape.Samples("tcpstat_listen_connections")
        .Where(sample => IsPort(sample) && sample.Labels["state"] == "established" && sample.Labels.GetValueOrDefault("netns") == netns)
        .Sum(sample => sample.Value);

    private static double Value(Scrape scrape, string name, string? netns, string? reason = null) => scrape.Samples(name)
        .Where(sample => IsPort(sample) && sample.Labels.GetValueOrDefault("netns") == netns && (reason is null || sample.Labels["reason"] == reason))
        .Select(sample => sample.Value)
        .DefaultIfEmpty(-1)
        .Single();
}
