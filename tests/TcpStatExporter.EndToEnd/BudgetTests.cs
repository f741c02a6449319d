using System.Globalization;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>
/// Many connections and almost no CPU budget: the sockets are counted rarely, but a burst is still seen at once. The clients
/// are in another namespace, so only what the server sees of the burst can show it.
/// </summary>
public sealed class BudgetTests(ITestOutputHelper output)
{
    private const int Connections = 15_000;
    private const string Age = "tcpstat_states_age_seconds";
    private const string Samples = "tcpstat_samples_total";
    private const string States = "tcpstat_connections";

    // both ends of the connections between exporter and test
    private const double Own = 16;

    private const int Looks = 10;

    // a count takes about 5 ms, so there is one about every 10 s
    private static readonly string[] Tiny = ["--sample.cpu-budget=0.05"];

    /// <summary>
    /// A SYN-ACK is retransmitted after one second, and a client's FIN is acknowledged after 40 ms. One sample later, both
    /// are known.
    /// </summary>
    private const int SamplesToSeeIt = 3;

    [Fact]
    public void A_burst_of_CLOSE_WAIT()
    {
        using var server = NetNamespace.Create();
        using var clients = NetNamespace.Create();
        var (here, _) = NetNamespace.Join(server, clients);
        using var population = new QueuedPopulation(server, Connections);
        using var left = new DepartingClients(server, clients, here, 300);
        using var exporter = ExporterProcess.Start(server, arguments: Tiny);
        WaitUntilCountsAreRare(exporter, 2 * (Connections + (300 / 2)));

        left.Depart();
        ShouldBeSeen(exporter, "close_wait", 300);

        var after = exporter.Scrape();
        after.Value(States, ("state", "established")).ShouldBe(2 * Connections, Own, "those in CLOSE_WAIT are none of them");
        after.Value("tcpstat_connections_peak", ("state", "close_wait")).ShouldBe(300, Own);
        ShouldCountRarely(exporter);
    }

    [Fact]
    public void A_burst_of_SYN_RECV()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        using var population = new QueuedPopulation(server, Connections);
        using var flood = new SynFlood(server, attacker, backlog: 1024, syns: 0);
        using var exporter = ExporterProcess.Start(server, arguments: Tiny);
        WaitUntilCountsAreRare(exporter, 2 * Connections);

        flood.SendSyns(300);
        ShouldBeSeen(exporter, "syn_recv", 300);
        ShouldCountRarely(exporter);
    }

    /// <summary>Waits until the budget is used up: until the states are some seconds old.</summary>
    private static void WaitUntilCountsAreRare(ExporterProcess exporter, int established)
    {
        Scrape? scrape = null;
        Wait.Until(
            () => (scrape = exporter.Scrape()).Contains(Age) && scrape.Value(Age) >= 3,
            () => $"states that are 3 s old, are {scrape?.Value(Age)} s old; log:\n{exporter.Log}",
            TimeSpan.FromMinutes(2),
            TimeSpan.FromMilliseconds(100));
        scrape!.Value(States, ("state", "established")).ShouldBe(established, Own);
        scrape.Value(States, ("state", "close_wait")).ShouldBe(0, Own);
    }

    private void ShouldBeSeen(ExporterProcess exporter, string state, int count)
    {
        var start = exporter.Scrape().Value(Samples);
        Scrape? scrape = null;
        Wait.Until(
            () => (scrape = exporter.Scrape()).Value(States, ("state", state)) >= count * 0.9,
            () => $"{count} in {state}, are {scrape?.Value(States, ("state", state))}; log:\n{exporter.Log}",
            pause: TimeSpan.FromMilliseconds(25));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{state} seen {scrape!.Value(Samples) - start} samples later"));
        (scrape.Value(Samples) - start).ShouldBeLessThanOrEqualTo(SamplesToSeeIt);
        scrape.Value(Age).ShouldBe(0);
    }

    /// <summary>Most samples do not count the sockets.</summary>
    private static void ShouldCountRarely(ExporterProcess exporter)
    {
        var ages = new SortedDictionary<double, double>();
        Wait.Until(Look, () => $"{Looks} samples; log:\n{exporter.Log}", TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(100));
        ages.Values.Count(age => age == 0).ShouldBeLessThanOrEqualTo(Looks / 2, string.Join(' ', ages.Values));

        bool Look()
        {
            var scrape = exporter.Scrape();
            ages[scrape.Value(Samples)] = scrape.Value(Age);
            return ages.Count >= Looks;
        }
    }

    /// <summary>Connections that nobody accepts: two sockets in ESTABLISHED for each descriptor.</summary>
    private sealed class QueuedPopulation : Fault
    {
        public QueuedPopulation(NetNamespace ns, int connections)
        {
            Requires.Descriptors(connections + 1024);
            ns.SetSysctl("net.core.somaxconn", connections.ToString(CultureInfo.InvariantCulture));
            Build(ns, () =>
            {
                var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: connections));
                for (var i = 0; i < connections; i++)
                {
                    Keep(KernelSocket.Connected(listener.LocalEndPoint));
                }
            });
        }
    }

    /// <summary>Clients on another host that leave right after the server has accepted them. The server keeps its ends.</summary>
    private sealed class DepartingClients : Fault
    {
        private readonly List<KernelSocket> _clients = [];

        public DepartingClients(NetNamespace server, NetNamespace clients, IPAddress address, int count)
        {
            KernelSocket? listener = null;
            Build(server, () => listener = Keep(KernelSocket.Listener(address, backlog: count)));
            Build(clients, () =>
            {
                for (var i = 0; i < count; i++)
                {
                    _clients.Add(Keep(KernelSocket.Connected(listener!.LocalEndPoint)));
                }
            });
            for (var i = 0; i < count; i++)
            {
                Keep(listener!.Accept());
            }
        }

        public void Depart()
        {
            foreach (var client in _clients)
            {
                client.ShutdownSend();
            }
        }
    }
}
