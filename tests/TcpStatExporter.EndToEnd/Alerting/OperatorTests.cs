using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Lab;
using Xunit;
using Xunit.Abstractions;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>What an operator does by hand: load a server by wrk(1), and watch half-open connections, drops, queues and ports.</summary>
public sealed class OperatorTests(ITestOutputHelper output)
{
    private const int Clients = 10_000;
    private const int Backlog = 64;

    /// <summary>A queue takes one more than its backlog, and one for each processor that looks at the same moment whether it is full (sk_acceptq_is_full).</summary>
    private static readonly int Most = Backlog + 1 + Environment.ProcessorCount;

    /// <summary>
    /// Clients and server are two hosts of a fleet: on one loopback a handshake is over before another begins, and
    /// nothing is ever half open. The server takes four connections a second. The clients retry all at once, each
    /// second at first: looks at each 100 ms see the queue when they come.
    /// </summary>
    [SkippableFact]
    public void Ten_thousand_clients_before_a_small_backlog_show_in_Prometheus_and_page_someone()
    {
        Requires.Program("wrk");
        Requires.Program("prometheus");
        Requires.Program("prometheus-alertmanager");
        Requires.Descriptors(Clients + 1000);
        Priority.Raise(() =>
        {
            Load();
            return true;
        });
    }

    private void Load()
    {
        using var fleet = new Fleet();
        var shop = fleet.Add("shop", arguments: "--listeners.interval=100ms");
        var visitors = fleet.Add("visitors", arguments: "--sweep.cpu-budget=20");
        var (address, _) = NetNamespace.Join(shop.Namespace, visitors.Namespace);
        using var server = shop.InService(() => new LoadServer(shop.Namespace, Backlog, address, pause: TimeSpan.FromMilliseconds(250)));
        fleet.StartExporters();
        fleet.Monitor();

        using var wrk = visitors.Namespace.Start("wrk", ["-t2", $"-c{Clients.ToString(CultureInfo.InvariantCulture)}", "-d150s", "--timeout=10s", $"http://{server.Listener}/"]);
        var listener = $"{{instance=\"shop\",address=\"{address}\",port=\"{server.Listener.Port}\",unit=\"{shop.Unit}\"}}";
        Wait.Until(() => fleet.Received.Any(alert => alert.Route is "page"), () => $"a page; {fleet.Log}", TimeSpan.FromMinutes(2));
        Wait.Until(
            () => fleet.Prometheus.Query($"max_over_time(tcpstat_ephemeral_ports_busiest_destination_used{{instance=\"visitors\"}}[10m]) >= {0.9 * Clients}").Count == 1,
            () => $"the ports of the clients; wrk: {wrk.Output}{wrk.Error}",
            TimeSpan.FromMinutes(2));

        // Recv-Q and Send-Q
        Value($"max_over_time(tcpstat_listen_queue_peak{listener}[10m])").ShouldBeInRange(Backlog, Most);
        Value($"max_over_time(tcpstat_listen_queue_limit{listener}[10m])").ShouldBe(Backlog);

        // SYN_RECV, at the listener and on the host
        Value($"max_over_time(tcpstat_listen_syn_queue_peak{listener}[10m])").ShouldBeInRange(1, Most);
        Value("max_over_time(tcpstat_connections_peak{instance=\"shop\",state=\"syn_recv\"}[10m])").ShouldBeInRange(1, Most);

        // drops, by the listener and by the kernel
        var drops = Value($"max_over_time(tcpstat_listen_drops_total{listener}[10m])");
        drops.ShouldBeGreaterThan(Clients / 10);
        Value("max_over_time(tcpstat_tcpext_listen_drops_total{instance=\"shop\"}[10m])").ShouldBeGreaterThan(Clients / 10);
        Value("max_over_time(tcpstat_tcpext_listen_overflows_total{instance=\"shop\"}[10m])").ShouldBeGreaterThan(Clients / 10);

        // ports
        Value("max_over_time(tcpstat_ephemeral_ports_busiest_destination_used{instance=\"visitors\"}[10m])").ShouldBeInRange(0.9 * Clients, 1.1 * Clients);
        Value("max_over_time(tcpstat_ephemeral_ports_limit{instance=\"visitors\"}[10m])").ShouldBeGreaterThan(Clients);

        var page = fleet.Received.Where(alert => alert.Route is "page").ShouldHaveSingleItem();
        page.Name.ShouldBe("TcpListenerDroppingConnections");
        page.Instance.ShouldBe("shop");
        page.Listener.ShouldBe(($"{address}", $"{server.Listener.Port}", shop.Unit));
        output.WriteLine($"{page.Annotations["summary"]}\n{page.Annotations["description"]}");

        double Value(string expression)
        {
            var found = fleet.Prometheus.Query(expression);
            var value = found.Count == 0 ? double.NaN : found.ShouldHaveSingleItem().Value;
            output.WriteLine($"{expression} = {value}");
            return value;
        }
    }
}
