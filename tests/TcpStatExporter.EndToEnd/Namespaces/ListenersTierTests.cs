using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using Xunit;
using NetNamespace = TcpStatExporter.Testing.Lab.NetNamespace;
using ProcNet = TcpStatExporter.EndToEnd.Truth.ProcNet;

namespace TcpStatExporter.EndToEnd.Namespaces;

/// <summary>Listeners of pods on the real kernel, read by an exporter without privileges through an opener.</summary>
public sealed class ListenersTierTests : IDisposable
{
    private const string Id = "8f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f90";
    private const string Uid = "2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c";
    private const string Uid2 = "3f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c";
    private const string Id2 = "9f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f90";
    private const string Pod = "tcpstat-shop/cart-6d4cf56db6-x2x7k";
    private const int Port = 21_080;

    // names of their own: another run may be under way
    private static readonly string Slice = $"tcpstat-{Environment.ProcessId}";
    private static readonly string Place = $"{Slice}/kubepods/burstable/pod{Uid}/{Id}";
    private static readonly string Place2 = $"{Slice}/kubepods/burstable/pod{Uid2}/{Id2}";

    private readonly string _folder = Directory.CreateTempSubdirectory("tcpstat-tier-").FullName;

    public ListenersTierTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "pods", $"tcpstat-shop_cart-6d4cf56db6-x2x7k_{Uid}"));
        Directory.CreateDirectory(Path.Combine(_folder, "pods", $"tcpstat-shop_db-0_{Uid2}"));
        Directory.CreateDirectory(Path.Combine(_folder, "containers"));
        File.WriteAllText(Path.Combine(_folder, "containers", $"cart-6d4cf56db6-x2x7k_tcpstat-shop_app-{Id}.log"), "");
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
    }

    private string Socket => Path.Combine(_folder, "opener");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_pods_listener_that_overflows_is_told_by_port_and_container_from_0_on_and_goes_on_when_the_pod_starts_anew()
    {
        using var ns = NetNamespace.Create();
        using var opener = new OpenerDouble(Socket);
        using var exporter = Start(ns);
        double first;
        using (var pod = new LabPod(Place))
        {
            Wait.Until(() => Tier(exporter.Scrape()) == 1, () => exporter.Log);
            exporter.Scrape().Samples("tcpstat_listen_queue_length").ShouldAllBe(sample => !sample.Labels.ContainsKey("netns"), "it is not in trouble");
            pod.Overflow(clients: 12);
            Wait.Until(() => Lost(exporter) is not null, () => $"series of the pod's listener; {exporter.Log}\n{exporter.Scrape().Text}");
            Lost(exporter).ShouldBe(0, "a rate needs the sample before the first increment");
            Wait.Until(() => Lost(exporter) >= 10, () => $"10 lost, {Lost(exporter)} told");
            var scrape = exporter.Scrape();
            var length = scrape.Samples("tcpstat_listen_queue_length").Single(IsOfPod);
            length.Value.ShouldBe(2);
            length["address"].ShouldBe("127.0.0.1");
            length["device"].ShouldBe("");
            length["unit"].ShouldBe("app", "the container's name, as its id changes");
            scrape.Samples("tcpstat_listen_queue_limit").Single(IsOfPod).Value.ShouldBe(1);
            scrape.Samples("tcpstat_listen_drops_total").Single(IsOfPod).Value.ShouldBeGreaterThanOrEqualTo(10);
            scrape.Samples("tcpstat_listen_queue_fill_ratio_bucket").Any(IsOfPod).ShouldBeTrue();
            scrape.Samples("tcpstat_listen_sockets").ShouldAllBe(sample => sample.Labels.GetValueOrDefault("netns", Pod) == Pod);
            scrape.Value("tcpstat_netns_listen_queue_fill_ratio_peak").ShouldBe(2);
            scrape.Value("tcpstat_netns_listen_sockets").ShouldBe(1);
            scrape.Value("tcpstat_netns_tier", ("tier", "listeners")).ShouldBe(1);
            scrape.Value("tcpstat_netns_tier", ("tier", "counters")).ShouldBe(0);
            scrape.Samples("tcpstat_listen_lost_unattributed_total").Where(sample => sample.Labels.ContainsKey("netns")).ShouldAllBe(sample => sample.Value == 0);

            // counters are read by each pass, and once more when a listener loses something: none may count twice
            Wait.Until(
                () => RowOf(exporter, Pod) is { } row
                    && row.GetProperty("lost").GetUInt64() == (ulong)ProcNet.Counter(pod.Namespace, "netstat", "TcpExt", "ListenDrops")
                    && row.GetProperty("established").GetInt64() == ProcNet.Counter(pod.Namespace, "snmp", "Tcp", "CurrEstab"),
                () => $"{RowOf(exporter, Pod)} is what the kernel says, {ProcNet.Counter(pod.Namespace, "netstat", "TcpExt", "ListenDrops")} lost");
            Wait.Until(
                () => exporter.Scrape().Samples("tcpstat_finding").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["id"] == "listener-dropping" && sample.Value == 1),
                () => exporter.Log);
            exporter.Http.GetStringAsync(new Uri($"/?netns={Uri.EscapeDataString(Pod)}", UriKind.Relative)).GetAwaiter().GetResult().ShouldContain($"127.0.0.1:{Port}");
            first = Lost(exporter)!.Value;
        }

        Wait.Until(() => Lost(exporter) is null, () => "its series go with it");
        using var again = new LabPod(Place);
        Wait.Until(() => Tier(exporter.Scrape()) == 1, () => exporter.Log);
        again.Overflow(clients: 12);
        Wait.Until(() => Lost(exporter) is not null, () => "series of the pod");
        Lost(exporter)!.Value.ShouldBeGreaterThanOrEqualTo(first, "a counter never goes back");
        Wait.Until(() => Lost(exporter) >= first + 10, () => $"10 more than {first} lost, {Lost(exporter)} told");
    }

    [Fact]
    public void The_opener_itself_lets_an_exporter_without_privileges_read_them()
    {
        using var ns = NetNamespace.Create();
        string[] command = ExporterProcess.CommandLine("opener", $"--socket={Socket}", "--client-uid=65534");
        using var opener = ChildProcess.Start(command[0], command[1..]);

        // the opener sets the mode after it has created the socket
        Wait.Until(() => File.Exists(Socket) && File.GetUnixFileMode(Socket) == (UnixFileMode)0b110_110_000, () => opener.Error);
        File.SetUnixFileMode(Socket, (UnixFileMode)0b110_110_110);
        using var exporter = Start(ns);
        using var pod = new LabPod(Place);
        Wait.Until(() => Tier(exporter.Scrape()) == 1, () => $"{exporter.Log}\n{opener.Error}");
        pod.Overflow(clients: 12);
        Wait.Until(() => Lost(exporter) >= 10, () => exporter.Log);
    }

    [Fact]
    public void A_full_queue_that_loses_nothing_is_trouble_too()
    {
        using var ns = NetNamespace.Create();
        using var opener = new OpenerDouble(Socket);
        using var exporter = Start(ns);
        using var pod = new LabPod(Place);
        Wait.Until(() => Tier(exporter.Scrape()) == 1, () => exporter.Log);
        pod.Listen(Port, backlog: 3);
        pod.Connect(Port, clients: 4);
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_listen_queue_length").Any(sample => IsOfPod(sample) && sample.Value == 4), () => exporter.Log);
        Lost(exporter).ShouldBe(0);
    }

    /// <summary>An address with several sockets, of which only dumps show each.</summary>
    [Fact]
    public void Sockets_that_share_an_address_are_read_too()
    {
        using var ns = NetNamespace.Create();
        using var opener = new OpenerDouble(Socket);
        using var exporter = Start(ns, "--netns.series=all");
        using var pod = new LabPod(Place);
        pod.Listen(Port, backlog: 1, isShared: true);
        pod.Listen(Port, backlog: 1, isShared: true);
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_listen_sockets").Any(sample => IsOfPod(sample) && sample.Value == 2), () => exporter.Scrape().Text);
        pod.Connect(Port, clients: 30);
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_listen_queue_length").Any(sample => IsOfPod(sample) && sample.Value == 4), () => exporter.Scrape().Text);
        Wait.Until(() => Lost(exporter) >= 26, () => $"26 lost, {Lost(exporter)} told");
    }

    [Fact]
    public void Without_an_opener_only_counters_are_read_and_the_log_says_why()
    {
        using var ns = NetNamespace.Create();
        using var exporter = Start(ns);
        using var pod = new LabPod(Place);
        Wait.Until(() => exporter.Log.Contains($"there is no opener at {Socket}", StringComparison.Ordinal), () => exporter.Log);
        pod.Overflow(clients: 12);
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_tcpext_listen_drops_total").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample.Value >= 10), () => exporter.Log);
        var scrape = exporter.Scrape();
        scrape.Value("tcpstat_netns_tier", ("tier", "counters")).ShouldBe(1);
        scrape.Samples("tcpstat_listen_queue_length").Any(IsOfPod).ShouldBeFalse();

        // it comes later
        using var opener = new OpenerDouble(Socket);
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_listen_queue_length").Any(IsOfPod), () => exporter.Log, TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void An_opener_that_hangs_does_not_hold_up_the_host_and_one_that_ends_leaves_what_is_open()
    {
        using var ns = NetNamespace.Create();
        using var exporter = Start(ns, "--sample.interval=100ms");
        using (var opener = new OpenerDouble(Socket, OpenerAnswer.Silence))
        {
            using var pod = new LabPod(Place);
            Wait.Until(() => exporter.Log.Contains($"the opener at {Socket} does not answer", StringComparison.Ordinal), () => exporter.Log);
            var before = exporter.Scrape();
            Wait.Until(() => opener.Connections >= 2, () => "it is asked again");
            var after = exporter.Scrape();
            after.Value("tcpstat_samples_total").ShouldBeGreaterThan(before.Value("tcpstat_samples_total"));
            after.Value("tcpstat_netns_sampled").ShouldBe(1);
            Tier(after).ShouldBe(0);
            opener.Answer = OpenerAnswer.Honest;
            Wait.Until(() => Tier(exporter.Scrape()) == 1, () => exporter.Log, TimeSpan.FromSeconds(90));
            Wait.Until(() => exporter.Log.Contains("Reading the listeners of 1 other", StringComparison.Ordinal), () => exporter.Log);

            // it ends: what it opened stays
            opener.Dispose();
            using var second = new LabPod(Place2);
            Wait.Until(() => exporter.Scrape().Value("tcpstat_netns_sampled") == 2, () => exporter.Log);
            Wait.Until(() => exporter.Log.Contains($"there is no opener at {Socket}", StringComparison.Ordinal), () => exporter.Log);
            Tier(exporter.Scrape()).ShouldBe(1);
            pod.Overflow(clients: 12);
            Wait.Until(() => Lost(exporter) >= 10, () => exporter.Log);
            using var next = new OpenerDouble(Socket);
            Wait.Until(() => Tier(exporter.Scrape()) == 2, () => exporter.Log, TimeSpan.FromSeconds(90));
        }
    }

    [Theory]
    [InlineData(OpenerAnswer.OwnNamespace, 0)]
    [InlineData(OpenerAnswer.SameNamespace, 1)]
    public void A_socket_of_a_namespace_that_is_known_is_not_taken_for_another(object answer, int sampled)
    {
        using var ns = NetNamespace.Create();
        using var hosts = ns.Run(() => KernelSocket.Listener(System.Net.IPAddress.Loopback, 1, Port));

        // its own namespace is that of the exporter
        using var opener = ns.Run(() => new OpenerDouble(Socket, (OpenerAnswer)answer));
        using var exporter = Start(ns, "--netns.series=all");
        using var pod = new LabPod(Place);
        using var second = new LabPod(Place2);
        Wait.Until(() => exporter.Log.Contains("of one that is already read", StringComparison.Ordinal), () => exporter.Log);
        Wait.Until(() => exporter.Scrape().Value("tcpstat_netns_sampled") == 2, () => exporter.Log);
        Wait.Until(() => Tier(exporter.Scrape()) == sampled, () => exporter.Log);
        exporter.Scrape().Samples("tcpstat_listen_queue_length").ShouldAllBe(sample => !sample.Labels.ContainsKey("netns"));
        exporter.Log.Split("of one that is already read").Length.ShouldBe(2, "told once");
    }

    /// <summary>No counter moves, so only a scan of its sockets tells.</summary>
    [Fact]
    public void A_pod_that_does_not_close_its_connections_is_in_trouble_and_one_that_uses_them_is_not()
    {
        using var ns = NetNamespace.Create();
        using var opener = new OpenerDouble(Socket);
        using var exporter = Start(ns);
        using var pod = new LabPod(Place);
        using var healthy = new LabPod(Place2);
        using var open = new EstablishedPopulation(healthy.Namespace, connections: 40);
        Wait.Until(() => RowOf(exporter, "tcpstat-shop/db-0") is { } row && row.GetProperty("close_wait").ValueKind == JsonValueKind.Number, () => exporter.Log);

        using var leak = new CloseWaitLeak(pod.Namespace, accepted: 40, unaccepted: 0);
        Wait.Until(() => State(exporter, "close_wait") == 40, () => exporter.Scrape().Text);
        State(exporter, "established").ShouldBe(0);
        State(exporter, "listen").ShouldBe(1);
        var port = leak.Listener.Port.ToString(CultureInfo.InvariantCulture);
        Wait.Until(
            () => exporter.Scrape().Samples("tcpstat_listen_connections").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["port"] == port && sample["state"] == "close_wait" && sample.Value == 40),
            () => exporter.Scrape().Text);
        Wait.Until(
            () => exporter.Scrape().Samples("tcpstat_finding").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["id"] == "close-wait-leak" && sample.Value == 1),
            () => exporter.Log,
            TimeSpan.FromSeconds(90));
        var scrape = exporter.Scrape();
        scrape.Value("tcpstat_netns_in_trouble").ShouldBe(1);
        scrape.Samples("tcpstat_connections").ShouldAllBe(sample => sample.Labels.GetValueOrDefault("netns", Pod) == Pod);
        RowOf(exporter, "tcpstat-shop/db-0")!.Value.GetProperty("close_wait").GetInt64().ShouldBe(0);
        RowOf(exporter, Pod)!.Value.GetProperty("close_wait").GetInt64().ShouldBe(40);
        exporter.Http.GetStringAsync(new Uri($"/?netns={Uri.EscapeDataString(Pod)}", UriKind.Relative)).GetAwaiter().GetResult().ShouldContain("CLOSE_WAIT");
    }

    [Fact]
    public void A_pod_whose_connects_nobody_answers_is_in_trouble()
    {
        using var ns = NetNamespace.Create();
        using var opener = new OpenerDouble(Socket);
        using var exporter = Start(ns);
        using var pod = new LabPod(Place);
        using var upstream = new UnansweredConnects(pod.Namespace);
        using var nowhere = upstream.Nowhere;
        upstream.Try(count: 10, rounds: 600);
        Wait.Until(() => State(exporter, "syn_sent") == 10, () => exporter.Scrape().Text);
        Wait.Until(
            () => exporter.Scrape().Samples("tcpstat_syn_sent_destination_connections").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["destination"] == "10.99.0.1:5432" && sample.Value == 10),
            () => exporter.Scrape().Text);
        Wait.Until(
            () => exporter.Scrape().Samples("tcpstat_finding").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["id"] == "connect-unanswered" && sample.Value == 1),
            () => exporter.Log,
            TimeSpan.FromSeconds(90));
    }

    /// <summary>
    /// Beside it, pods that only look like it: one whose ports in TIME_WAIT can be reused because they are on loopback, and one
    /// with more ports than the default.
    /// </summary>
    [Fact]
    public void A_pod_that_runs_out_of_ports_is_in_trouble()
    {
        const int Connections = 23_500;
        using var ns = NetNamespace.Create();
        using var opener = new OpenerDouble(Socket);
        using var exporter = Start(ns);
        using var pod = new LabPod(Place);
        using var loopback = new LabPod(Place2);
        using var wide = new LabPod($"{Slice}/kubepods/pod11111111-2222-3333-4444-555555555555/crio-8f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f99");
        pod.Namespace.Exec("ip", "addr", "add", "10.9.9.1/32", "dev", "lo").Checked();
        wide.Namespace.Exec("ip", "addr", "add", "10.9.9.1/32", "dev", "lo").Checked();
        wide.Namespace.SetSysctl("net.ipv4.ip_local_port_range", "10000 65535");
        Close(loopback, "127.0.0.1");
        Close(wide, "10.9.9.1");
        Close(pod, "10.9.9.1");
        Wait.Until(
            () => exporter.Scrape().Samples("tcpstat_finding").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["id"] == "ports-filling" && sample.Value == 1),
            () => exporter.Log + exporter.Scrape().Text,
            TimeSpan.FromSeconds(90));
        var scrape = exporter.Scrape();
        scrape.Value("tcpstat_netns_in_trouble").ShouldBe(1);
        scrape.Samples("tcpstat_ephemeral_ports_limit").Single(sample => sample.Labels.GetValueOrDefault("netns") == Pod).Value.ShouldBe(28_232);
        scrape.Samples("tcpstat_ephemeral_ports_busiest_destination_held").Single(sample => sample.Labels.GetValueOrDefault("netns") == Pod).Value.ShouldBe(Connections);
        RowOf(exporter, "tcpstat-shop/db-0")!.Value.GetProperty("in_trouble").GetBoolean().ShouldBeFalse();

        static void Close(LabPod pod, string address) => pod.Namespace.Run(() =>
        {
            using var listener = KernelSocket.Listener(IPAddress.Parse(address), backlog: 128, 0);
            for (var i = 0; i < Connections; i++)
            {
                using var client = KernelSocket.Connected(listener.LocalEndPoint);
                using var server = listener.Accept();
                client.ShutdownSend();
            }
        });
    }

    /// <summary>Each client waits for those before it: fifty times 20 ms.</summary>
    [Fact]
    public void How_long_clients_of_a_pod_wait_to_be_accepted_is_told()
    {
        using var ns = NetNamespace.Create();
        using var opener = new OpenerDouble(Socket);
        using var exporter = Start(ns, "--netns.series=all");
        using var pod = new LabPod(Place);
        using var other = new LabPod(Place2);
        using var open = new EstablishedPopulation(other.Namespace, connections: 5);
        var pace = TimeSpan.FromMilliseconds(20);
        using var server = new SlowAcceptor(pod.Namespace, waitingFirst: 50, () => pace, _ => pace);
        var port = server.Listener.Port.ToString(CultureInfo.InvariantCulture);
        Wait.Until(() => Waits("tcpstat_listen_queue_wait_seconds_count") >= 10, () => exporter.Scrape().Text, TimeSpan.FromSeconds(90));
        (Waits("tcpstat_listen_queue_wait_seconds_sum") / Waits("tcpstat_listen_queue_wait_seconds_count"))!.Value.ShouldBeInRange(server.Waits.Average() / 2, server.Waits.Average() * 2);
        Wait.Until(() => Waits("tcpstat_listen_queue_memory_bytes") is not null, () => exporter.Scrape().Text);
        exporter.Scrape().Samples("tcpstat_listen_queue_wait_seconds_count").ShouldAllBe(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["port"] == port);

        double? Waits(string name) => exporter.Scrape().Samples(name)
            .Where(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["port"] == port).Select(sample => (double?)sample.Value).SingleOrDefault();
    }

    /// <summary>Root needs no opener.</summary>
    [Fact]
    public async Task The_doctor_and_top_name_the_pods_listener()
    {
        using var ns = NetNamespace.Create();
        using var pod = new LabPod(Place);
        pod.Listen(Port, backlog: 1);
        pod.Connect(Port, clients: 2);

        // waits for a callback that runs
        await using var clients = new Timer(_ => pod.Connect(Port, clients: 3), state: null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var said = ExporterProcess.Run(ns, asNobody: false, "doctor", "--for=6s", $"--netns={Pod}", $"--path.pod-logs={_folder}").Output;
        said.ShouldContain($"In pod {Pod}");
        said.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port} (app)"));
        ExporterProcess.Run(ns, asNobody: false, "top", "--once", "--for=2s", $"--netns={Pod}", $"--path.pod-logs={_folder}").Checked().ShouldContain($"127.0.0.1:{Port}");
    }

    [Fact]
    public void While_nothing_comes_or_goes_a_read_of_the_listeners_allocates_nothing()
    {
        using var pod = new LabPod(Place);
        pod.Listen(Port, backlog: 5);
        pod.Listen(Port + 1, backlog: 5);
        pod.Listen(Port + 2, backlog: 5, isShared: true);
        pod.Listen(Port + 2, backlog: 5, isShared: true);
        pod.Connect(Port, clients: 8);
        var time = new StepTime();
        using var watch = new NetnsWatch(
            new NetnsOptions { Mode = NetnsMode.Listeners, Filter = new NetnsFilter(["tcpstat-shop/*"], []), LogFolder = _folder },
            TimeSpan.FromMinutes(1),
            time,
            NullLogger<NetnsWatch>.Instance,
            opener: new NetnsSelfOpener());
        for (var second = 0; second < 150; second++)
        {
            time.Step();
            watch.RunDue();
        }

        watch.Totals.ListenersSampled.ShouldBe(1);
        watch.Totals.Listeners.ShouldBe(4);
        watch.Watched.ShouldHaveSingleItem("its queue is full");
        Allocated.By(() =>
        {
            for (var second = 0; second < 60; second++)
            {
                time.Step();
                watch.RunDue();
            }
        }).ShouldBe(0);
    }

    [Fact]
    public void Scans_of_pods_wait_for_the_budget_that_they_share_with_the_host()
    {
        using var pod = new LabPod(Place);
        using var second = new LabPod(Place2);
        using var open = new EstablishedPopulation(pod.Namespace, connections: 30);
        using var other = new EstablishedPopulation(second.Namespace, connections: 30);
        var time = new StepTime();
        var cpu = TimeSpan.Zero;
        var whole = new CpuBudget(1);
        whole.Accrue(TimeSpan.Zero);
        using var watch = new NetnsWatch(
            new NetnsOptions { Mode = NetnsMode.Listeners, Filter = new NetnsFilter(["tcpstat-shop/*"], []), LogFolder = _folder, Interval = TimeSpan.FromSeconds(2) },
            TimeSpan.FromMinutes(1),
            time,
            NullLogger<NetnsWatch>.Instance,
            cpuTime: () => cpu += TimeSpan.FromMilliseconds(5),
            opener: new NetnsSelfOpener(),
            budget: whole.Part(0.5));
        var rows = new ValueList<NetnsRow>();
        var (seconds, scanned) = (0, new List<int>());
        while (seconds < 120)
        {
            time.Step();
            seconds++;
            watch.RunDue();
            watch.CopyRowsTo(rows);
            scanned.Add(rows.Span.ToArray().Count(row => row.CloseWait == 0));

            // the host spends all that it gets
            whole.Accrue(TimeSpan.FromSeconds(seconds));
            whole.Spend(TimeSpan.FromMilliseconds(10));
        }

        // half a percent of a core is 5 ms a second: what one scan, or one search for listeners, costs here
        scanned.IndexOf(1).ShouldBeGreaterThan(1, "the searches for listeners come first");
        scanned.IndexOf(2).ShouldBeGreaterThan(scanned.IndexOf(1), "one after the other");
        scanned[^1].ShouldBe(2);
        whole.Balance.ShouldBeLessThan(TimeSpan.Zero, "it is the host's budget too");
        (-whole.Balance).ShouldBeLessThanOrEqualTo(TimeSpan.FromMilliseconds(5 * seconds), "no more than their part");
    }

    [Theory]
    [InlineData(50, 1)]
    [InlineData(0, 0)]
    public void If_the_budget_is_too_small_for_the_scans_the_log_says_once_what_helps(int milliseconds, int lines)
    {
        using var pod = new LabPod(Place);
        using var second = new LabPod(Place2);
        using var open = new EstablishedPopulation(pod.Namespace, connections: 30);
        using var other = new EstablishedPopulation(second.Namespace, connections: 30);
        var time = new StepTime();
        var (cpu, cost) = (TimeSpan.Zero, TimeSpan.Zero);
        var log = new LogLines();
        using var watch = new NetnsWatch(
            new NetnsOptions { Mode = NetnsMode.Listeners, Filter = new NetnsFilter(["tcpstat-shop/*"], []), LogFolder = _folder },
            TimeSpan.FromMinutes(1),
            time,
            log,
            cpuTime: () => cpu += cost,
            opener: new NetnsSelfOpener(),
            budget: new CpuBudget(0.5));
        for (var step = 0; step < 2000; step++)
        {
            // for a while, all that it does is dear
            cost = step is >= 100 and < 600 ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.Zero;
            time.Step();
            watch.RunDue();
        }

        log.Lines.Count(line => line.Contains("net.ipv4.tcp_child_ehash_entries", StringComparison.Ordinal)).ShouldBe(lines);
    }

    [Fact]
    public void A_pod_that_starts_anew_while_clients_wait_in_its_queue_is_measured_anew()
    {
        var time = new StepTime();
        using var watch = Watch(time, NetnsSeriesChoice.Trouble);
        using (var pod = Begin())
        {
            pod.Overflow(clients: 12);
            Run(watch, time, seconds: 6);
            watch.Watched.ShouldHaveSingleItem();
        }

        using var again = Begin();
        again.Overflow(clients: 12);
        Run(watch, time, seconds: 20);
        using var lease = watch.Watched.ShouldHaveSingleItem().Store.Take();
        var listener = lease.Sample.Listeners.Span.ToArray().ShouldHaveSingleItem();
        (listener.HasWaits, listener.OldestLength).ShouldBe((true, 2));
    }

    /// <summary>Its counters may be read before its listeners. Nothing may take its losses for those of an unknown listener.</summary>
    [Fact]
    public void While_a_pod_starts_anew_its_listeners_are_awaited()
    {
        var time = new StepTime();
        var opener = new LimitedOpener();
        using var watch = Watch(time, NetnsSeriesChoice.All, opener);
        using (var pod = Begin())
        {
            pod.Overflow(clients: 12);
            Run(watch, time, seconds: 16);
            ListenersOf(watch).ShouldBe(ReadResult.Ok);
        }

        opener.Refuses = true;
        using var again = Begin();
        again.Overflow(clients: 12);
        var lost = RowOf(watch).Total.ListenDrops;
        Wait.Until(
            () =>
            {
                Run(watch, time, seconds: 1);
                return RowOf(watch) is { Namespaces: 1, Total.ListenDrops: var drops } && drops > lost;
            },
            () => "the kernel takes a moment to let a namespace go");
        ListenersOf(watch).ShouldBe(ReadResult.Failed(SourceError.Stale));
        Run(watch, time, seconds: 30);
        ListenersOf(watch).ShouldBe(default, "nothing says that they can be read");
    }

    /// <summary>Its new namespace has the inode of its old one, as often.</summary>
    [Fact]
    public void A_pod_that_starts_anew_is_found_before_the_next_pass()
    {
        var time = new StepTime();
        using var watch = Watch(time, NetnsSeriesChoice.All, interval: TimeSpan.FromMinutes(5));
        string inode;
        using (var pod = Begin())
        {
            pod.Listen(Port, backlog: 1);
            inode = InodeOf(pod);
            Run(watch, time, seconds: 16);
            watch.Totals.Listeners.ShouldBe(1);
        }

        // until the watch closes its socket, the old namespace is alive
        Run(watch, time, seconds: 1);
        var again = Begin();
        try
        {
            Wait.Until(
                () =>
                {
                    if (InodeOf(again) == inode)
                    {
                        return true;
                    }

                    again.Dispose();
                    again = Begin();
                    return false;
                },
                () => "the kernel takes a moment to let a namespace go");
            again.Overflow(clients: 12);
            Run(watch, time, seconds: 12);
            ListenersOf(watch).ShouldBe(ReadResult.Ok);
            RowOf(watch).QueueFill.ShouldBe(2);
        }
        finally
        {
            again.Dispose();
        }
    }

    [Fact]
    public void Two_namespaces_of_one_name_are_both_examined_and_of_many_no_age_is_told()
    {
        var time = new StepTime();
        using var watch = Watch(time, NetnsSeriesChoice.All);
        var places = Enumerable.Range(0, 9).Select(number => Path.Combine(Path.GetDirectoryName(Place)!, $"{number}{Id[1..]}"));
        var pods = new List<LabPod>();
        try
        {
            foreach (var place in places)
            {
                pods.Add(Begin(place));
                if (pods.Count == 1)
                {
                    pods[0].Overflow(clients: 12);
                    Run(watch, time, seconds: 16);
                    Waits().ShouldBe((true, true, 2));
                }
                else if (pods.Count == 2)
                {
                    pods[1].Overflow(clients: 12);
                    Run(watch, time, seconds: 20);
                    Waits().ShouldBe((true, true, 4));
                }
            }

            Run(watch, time, seconds: 20);
            RowOf(watch).Namespaces.ShouldBe(9);
            Waits().HasWaits.ShouldBeFalse();
        }
        finally
        {
            // the first one made the folder of the others
            Enumerable.Reverse(pods).ToList().ForEach(pod => pod.Dispose());
        }

        (bool HasWaits, bool IsKnown, long Length) Waits()
        {
            using var lease = watch.Watched.ShouldHaveSingleItem().Store.Take();
            var listener = lease.Sample.Listeners.Span.ToArray().ShouldHaveSingleItem();
            return (listener.HasWaits, listener.OldestSeconds > 0, listener.OldestLength);
        }
    }

    /// <summary>Unlike the workers of one listener, they do not share clients.</summary>
    [Fact]
    public void Of_two_namespaces_of_one_name_the_idle_one_is_no_worker_of_the_full_one()
    {
        var time = new StepTime();
        using var watch = Watch(time, NetnsSeriesChoice.All);
        using var full = Begin();
        using var idle = Begin(Path.Combine(Path.GetDirectoryName(Place)!, Id2));
        full.Overflow(clients: 12);
        idle.Listen(Port, backlog: 50);
        Run(watch, time, seconds: 20);
        RowOf(watch).Namespaces.ShouldBe(2);
        using var lease = watch.Watched.ShouldHaveSingleItem().Store.Take();
        var listener = lease.Sample.Listeners.Span.ToArray().Single(one => one.FillRatioPeak > 1);
        listener.Sockets.ShouldBe(2);
        ListenerConditions.HasStuckWorker(listener with { IsSpread = false }).ShouldBeTrue("it looks like one");
        ListenerConditions.HasStuckWorker(listener).ShouldBeFalse();
    }

    /// <summary>Its new namespace cannot be opened, so nothing is known about its sockets.</summary>
    [Fact]
    public void States_of_a_pod_that_is_gone_are_not_told_of_the_one_that_took_its_name()
    {
        var time = new StepTime();
        var opener = new LimitedOpener();
        using var watch = Watch(time, NetnsSeriesChoice.All, opener);
        using (var pod = Begin())
        {
            using var leak = new CloseWaitLeak(pod.Namespace, accepted: 15, unaccepted: 0);
            using var open = new EstablishedPopulation(pod.Namespace, connections: 5);
            Run(watch, time, seconds: 16);
            var (states, sweep, closeWait) = StatesOf(watch);
            (states, sweep, closeWait, RowOf(watch).CloseWait).ShouldBe((true, true, 15, 15));
            opener.IsOpen = false;
        }

        using var again = Begin();
        using var connections = new EstablishedPopulation(again.Namespace, connections: 5);
        Wait.Until(
            () =>
            {
                Run(watch, time, seconds: 1);
                return RowOf(watch) is { Namespaces: 1, Established: 10 };
            },
            () => "the kernel takes a moment to let a namespace go");
        RowOf(watch).CloseWait.ShouldBeNull();
        (StatesOf(watch).States, StatesOf(watch).Sweep).ShouldBe((false, false));
    }

    /// <summary>Without series and with hardly a connection, it is not scanned.</summary>
    [Fact]
    public void Of_a_pod_that_is_scanned_no_more_the_last_scan_is_not_told()
    {
        var time = new StepTime();
        using var pod = Begin();
        using var watch = Watch(time, NetnsSeriesChoice.Trouble);
        using (var leak = new CloseWaitLeak(pod.Namespace, accepted: 15, unaccepted: 0))
        using (var open = new EstablishedPopulation(pod.Namespace, connections: 5))
        {
            Run(watch, time, seconds: 32);
            RowOf(watch).CloseWait.ShouldBe(15);
        }

        Run(watch, time, seconds: 32);
        (RowOf(watch).Established, RowOf(watch).CloseWait).ShouldBe((0, null));
    }

    [Fact]
    public void A_pod_that_scans_find_in_trouble_does_not_wait_for_the_next_pass()
    {
        var time = new StepTime();
        using var pod = Begin();
        using var watch = Watch(time, NetnsSeriesChoice.Trouble);
        using var leak = new CloseWaitLeak(pod.Namespace, accepted: 40, unaccepted: 0);
        Run(watch, time, seconds: 1);
        RowOf(watch).Established.ShouldBe(40);
        Run(watch, time, seconds: 12);
        RowOf(watch).IsInTrouble.ShouldBeTrue("its connections were not closed for ten seconds, and a pass takes place every 15");
    }

    /// <summary>Before the second pass, nobody knows how many connections it opens. So the exporter must not judge when it starts.</summary>
    [Fact]
    public void A_pod_whose_connections_come_and_go_is_not_in_trouble_when_the_exporter_starts()
    {
        var time = new StepTime();
        using var pod = Begin();
        using var watch = Watch(time, NetnsSeriesChoice.Trouble);
        using var leak = new CloseWaitLeak(pod.Namespace, accepted: 40, unaccepted: 0);
        Run(watch, time, seconds: 1);

        // both ends count: 100 connections a second
        for (var second = 0; second < 20; second++)
        {
            pod.Namespace.Run(() => Array.ForEach(Enumerable.Range(0, 50).ToArray(), _ =>
            {
                using var listener = KernelSocket.Listener(System.Net.IPAddress.Loopback, backlog: 1);
                using var client = KernelSocket.Connected(listener.LocalEndPoint);
            }));
            Run(watch, time, seconds: 1);
            RowOf(watch).WasInTrouble.ShouldBeFalse($"after {second} s");
        }
    }

    /// <summary>
    /// Rules compare both: connections in CLOSE_WAIT are a leak only if few come and go. If the counters were those of the last
    /// pass, none would.
    /// </summary>
    [Fact]
    public void Each_count_of_a_pods_sockets_comes_with_its_counters()
    {
        var time = new StepTime();
        using var pod = Begin();
        using var watch = Watch(time, NetnsSeriesChoice.Trouble, interval: TimeSpan.FromMinutes(5));
        using var leak = new CloseWaitLeak(pod.Namespace, accepted: 40, unaccepted: 0);
        Run(watch, time, seconds: 13);
        watch.Watched.ShouldHaveSingleItem();
        for (var second = 0; second < 5; second++)
        {
            using var open = new EstablishedPopulation(pod.Namespace, connections: 30);
            Run(watch, time, seconds: 1);
            using var lease = watch.Watched[0].Store.Take();
            var snmp = lease.Sample.Kernel.Snmp;
            lease.Sample.StatesAge.ShouldBe(TimeSpan.Zero);
            ((long)snmp.Values[snmp.IndexOf("ActiveOpens")]).ShouldBe(30 * (second + 1));
            ((long)snmp.Values[snmp.IndexOf("CurrEstab")]).ShouldBe((long)ProcNet.Counter(pod.Namespace, "snmp", "Tcp", "CurrEstab"));
        }
    }

    /// <summary>Begins a pod. Its process is in its namespace once this returns.</summary>
    private static LabPod Begin(string? place = null)
    {
        var pod = new LabPod(place ?? Place);
        var own = new FileInfo("/proc/self/ns/net").LinkTarget;
        Wait.Until(() => new FileInfo($"/proc/{pod.Pid}/ns/net").LinkTarget is { } other && other != own, () => "it is in its namespace");
        return pod;
    }

    private NetnsWatch Watch(StepTime time, NetnsSeriesChoice series, INetnsOpener? opener = null, TimeSpan? interval = null) => new(
        new NetnsOptions { Mode = NetnsMode.Listeners, Series = series, Interval = interval ?? TimeSpan.FromSeconds(15), Filter = new NetnsFilter([Pod], []), LogFolder = _folder },
        TimeSpan.FromMinutes(1),
        time,
        NullLogger<NetnsWatch>.Instance,
        cpuTime: static () => TimeSpan.Zero,
        opener: opener ?? new NetnsSelfOpener());

    private static void Run(NetnsWatch watch, StepTime time, int seconds)
    {
        for (; seconds > 0; seconds--)
        {
            time.Step();
            watch.RunDue();
        }
    }

    private static NetnsRow RowOf(NetnsWatch watch)
    {
        var rows = new ValueList<NetnsRow>();
        watch.CopyRowsTo(rows);
        return rows.Span.ToArray().ShouldHaveSingleItem();
    }

    private static (bool States, bool Sweep, long CloseWait) StatesOf(NetnsWatch watch)
    {
        using var lease = watch.Watched.ShouldHaveSingleItem().Store.Take();
        return (lease.Sample.Status(SourceId.Sockets).IsOk, lease.Sample.Status(SourceId.Sweep).IsOk, lease.Sample.Kernel.CloseWaitHeld);
    }

    private static ReadResult ListenersOf(NetnsWatch watch)
    {
        using var lease = watch.Watched.ShouldHaveSingleItem().Store.Take();
        return lease.Sample.Status(SourceId.Listeners);
    }

    private static string InodeOf(LabPod pod) => ChildProcess.Run("stat", ["-L", "-c", "%i", $"/proc/{pod.Pid}/net/tcp"]).Checked();

    private static double Tier(Scrape scrape) => scrape.Contains("tcpstat_netns_listeners_sampled") ? scrape.Value("tcpstat_netns_listeners_sampled") : -1;

    private static bool IsOfPod(MetricSample sample) =>
        sample.Labels.GetValueOrDefault("netns") == Pod && sample.Labels.GetValueOrDefault("port") == Port.ToString(CultureInfo.InvariantCulture);

    private static double? State(ExporterProcess exporter, string state) =>
        exporter.Scrape().Samples("tcpstat_connections").Where(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["state"] == state).Select(sample => (double?)sample.Value).SingleOrDefault();

    private static JsonElement? RowOf(ExporterProcess exporter, string netns)
    {
        using var state = JsonDocument.Parse(exporter.Http.GetStringAsync(new Uri("/api/v1/view", UriKind.Relative)).GetAwaiter().GetResult());
        return state.RootElement.TryGetProperty("namespaces", out var rows) && rows.ValueKind == JsonValueKind.Array
            ? rows.EnumerateArray().Where(row => row.GetProperty("netns").GetString() == netns).Select(row => (JsonElement?)row.Clone()).SingleOrDefault()
            : null;
    }

    private static double? Lost(ExporterProcess exporter) =>
        exporter.Scrape().Samples("tcpstat_listen_lost_total").Where(sample => IsOfPod(sample) && sample["reason"] == "accept_queue").Select(sample => (double?)sample.Value).SingleOrDefault();

    /// <summary>Keeps what is logged.</summary>
    private sealed class LogLines : ILogger<NetnsWatch>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }

    /// <summary>Opens sockets until it is told not to.</summary>
    private sealed class LimitedOpener : INetnsOpener
    {
        private readonly NetnsSelfOpener _opener = new();

        public bool IsOpen { get; set; } = true;

        /// <summary>Does not know the process.</summary>
        public bool Refuses { get; set; }

        public OpenerFault TryOpen(SafeHandle process, byte[] buffer, out NetlinkSocket? socket, out int errno)
        {
            if (Refuses)
            {
                (socket, errno) = (null, Errno.ESRCH);
                return OpenerFault.Refused;
            }

            if (IsOpen)
            {
                return _opener.TryOpen(process, buffer, out socket, out errno);
            }

            (socket, errno) = (null, 0);
            return OpenerFault.Unreachable;
        }

        public void Rest()
        {
        }

        public void Dispose() => _opener.Dispose();
    }

    /// <summary>A clock that the test moves.</summary>
    private sealed class StepTime : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public void Step() => _seconds++;

        public override long GetTimestamp() => _seconds;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(_seconds);
    }

    private ExporterProcess Start(NetNamespace ns, params string[] arguments) => ExporterProcess.Start(
        ns,
        asNobody: true,
        arguments: ["--netns=listeners", $"--netns.opener={Socket}", "--netns.interval=1s", "--peak.window=2s", $"--path.pod-logs={_folder}", "--netns.include=tcpstat-shop/*", .. arguments]);
}
