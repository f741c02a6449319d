using System.Globalization;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// What an operator does by hand: load a server with wrk(1), and watch half-open connections, drops, queues and ports.
/// </summary>
public sealed class OperatorTests(ITestOutputHelper output)
{
    private const int Clients = 10_000;
    private const int Backlog = 64;

    /// <summary>
    /// A queue holds one more than its backlog, plus one for each processor that checks at the same moment whether it is full
    /// (sk_acceptq_is_full).
    /// </summary>
    private static readonly int Most = Backlog + 1 + Environment.ProcessorCount;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Clients and server are two hosts in a fleet. On a single loopback, a handshake ends before the next one begins, and
    /// nothing is ever half open. The server accepts four connections per second. The clients all retry at once, every second
    /// at first, so reads every 100 ms see the queue when they come.
    /// </summary>
    [Fact]
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

        using var wrk = visitors.Namespace.Start("wrk", ["-t2", $"-c{Clients.ToString(CultureInfo.InvariantCulture)}", "-d15m", "--timeout=10s", $"http://{server.Listener}/"]);
        var listener = $"{{instance=\"shop\",address=\"{address}\",port=\"{server.Listener.Port}\",unit=\"{shop.Unit}\"}}";
        Wait.Until(() => fleet.Received.Any(alert => alert.Route is "page"), () => $"a page; {fleet.Log}", TimeSpan.FromMinutes(2));
        // Recv-Q and Send-Q
        AtLeast(Backlog, $"max_over_time(tcpstat_listen_queue_peak{listener}[10m])").ShouldBeLessThanOrEqualTo(Most);
        AtLeast(Backlog, $"max_over_time(tcpstat_listen_queue_limit{listener}[10m])").ShouldBe(Backlog);

        // SYN_RECV, at the listener and on the host
        AtLeast(1, $"max_over_time(tcpstat_listen_syn_queue_peak{listener}[10m])").ShouldBeLessThanOrEqualTo(Most);
        AtLeast(1, "max_over_time(tcpstat_connections_peak{instance=\"shop\",state=\"syn_recv\"}[10m])").ShouldBeLessThanOrEqualTo(Most);

        // drops, by listener and in the kernel's counter
        AtLeast(Clients / 10, $"max_over_time(tcpstat_listen_drops_total{listener}[10m])");
        AtLeast(Clients / 10, "max_over_time(tcpstat_tcpext_listen_drops_total{instance=\"shop\"}[10m])");
        AtLeast(Clients / 10, "max_over_time(tcpstat_tcpext_listen_overflows_total{instance=\"shop\"}[10m])");

        // ports
        AtLeast(0.9 * Clients, "max_over_time(tcpstat_ephemeral_ports_busiest_destination_used{instance=\"visitors\"}[10m])").ShouldBeLessThanOrEqualTo(1.1 * Clients);
        AtLeast(Clients, "max_over_time(tcpstat_ephemeral_ports_limit{instance=\"visitors\"}[10m])");

        var page = fleet.Received.Where(alert => alert.Route is "page").ShouldHaveSingleItem();
        page.Name.ShouldBe("TcpListenerDroppingConnections");
        page.Instance.ShouldBe("shop");
        page.Listener.ShouldBe(($"{address}", $"{server.Listener.Port}", shop.Unit));
        output.WriteLine($"{page.Annotations["summary"]}\n{page.Annotations["description"]}");

        double AtLeast(double least, string expression)
        {
            var value = double.NaN;
            Wait.Until(
                () => fleet.Prometheus.Query(expression) is [var found] && (value = found.Value) >= least,
                () => $"{expression}, {value}, is {least}; wrk: {wrk.Output}{wrk.Error}",
                TimeSpan.FromMinutes(2),
                Pause);
            output.WriteLine($"{expression} = {value}");
            return value;
        }
    }
}
