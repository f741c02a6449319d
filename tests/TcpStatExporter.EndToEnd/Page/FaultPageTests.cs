using System.Net;
using System.Xml;
using System.Xml.Linq;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Page;

/// <summary>For each fault, made on the real kernel: the daemon's page names the fault and its listener.</summary>
public sealed class FaultPageTests
{
    /// <summary>
    /// The rules run five seconds after the first sample, and one minute later for what came too late for that.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    public void Accept_queue_full()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 40);
        using var clients = new RestlessClients(ns, fault.Listener);
        using var exporter = ExporterProcess.Start(ns);
        var page = Expect(exporter, "listener-dropping", fault.Listener);
        Heading(page).ShouldContain($"{fault.Listener}");
        Heading(page).ShouldEndWith("is losing connections");
        Trouble(page, fault.Listener).ShouldContain("losing");
    }

    [Fact]
    public void Accept_queue_full_without_new_clients()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        fault.StopRetries();
        using var exporter = ExporterProcess.Start(ns);
        var page = Expect(exporter, "accept-queue-filling", fault.Listener);
        Trouble(page, fault.Listener).ShouldContain("full");
    }

    [Fact]
    public void One_worker_of_a_group_stuck()
    {
        using var ns = NetNamespace.Create();
        using var fault = new OneFullOfGroup(ns, sockets: 4, backlog: 8, clients: 40);
        using var exporter = ExporterProcess.Start(ns);
        var page = Expect(exporter, "listener-stuck-worker", fault.Listener);
        Trouble(page, fault.Listener).ShouldContain("4 sockets");
    }

    [Theory]
    [InlineData(1, "syn-queue-overflowing")]
    [InlineData(0, "syn-queue-dropping")]
    public void SYN_queue_full(int syncookies, string id)
    {
        using var ns = NetNamespace.Create();
        ns.SetSysctl("net.ipv4.tcp_syncookies", $"{syncookies}");
        using var unit = new ServiceUnit("web");
        using var exporter = StartWatch(ns);
        using var fault = unit.Run(() => new SynQueueFull(ns, syncookies));
        var page = Expect(exporter, id, fault.Listener, unit);
        Trouble(page, fault.Listener).ShouldContain(unit.Name);
    }

    [Fact]
    public void SYN_queue_limited_by_tcp_max_syn_backlog()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "0");
        server.SetSysctl("net.ipv4.tcp_max_syn_backlog", "256");
        using var unit = new ServiceUnit("web");
        using var fault = unit.Run(() => new SynFlood(server, attacker, backlog: 4096, syns: 0));
        using var exporter = StartWatch(server);
        fault.SendSyns(400);
        Expect(exporter, "syn-queue-dropping", fault.Listener, unit);
    }

    [Fact]
    public void Bad_cookies()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "1");
        using var fault = new SynFlood(server, attacker, backlog: 128, syns: 2000);
        using var exporter = StartWatch(server);
        fault.SendBadCookies(25);
        Expect(exporter, "syncookies-failed");
    }

    [Fact]
    public void TIME_WAIT_overflow()
    {
        using var ns = NetNamespace.Create();
        using var exporter = StartWatch(ns);
        using var fault = new TimeWaitOverflow(ns, buckets: 10, closes: 50);
        var page = Expect(exporter, "time-wait-full");
        Limits(page)["TimeWait"].ShouldContain("of 10");
    }

    [Fact]
    public void CLOSE_WAIT_leak()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("billing");
        using var fault = unit.Run(() => new CloseWaitLeak(ns, accepted: 30, unaccepted: 0));
        using var exporter = ExporterProcess.Start(ns);
        var page = Expect(exporter, "close-wait-leak", fault.Listener, unit);
        Trouble(page, fault.Listener).ShouldContain(unit.Name);
        Trouble(page, fault.Listener).ShouldContain("30 CLOSE_WAIT");
    }

    [Fact]
    public void Ports_exhausted()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("database");
        using var fault = unit.Run(() => new PortExhaustion(ns, ports: 10, connects: 15));
        using var exporter = ExporterProcess.Start(ns);
        var page = Expect(exporter, "ports-exhausted", fault.Destination, unit);
        Heading(page).ShouldBe($"No ephemeral port is left for {unit.Owning(fault.Destination)}: {unit.Name} holds most of them");
        Limits(page)["BusiestDestination"].ShouldContain("10 of 10");
    }

    [Fact]
    public void Retransmissions()
    {
        using var ns = NetNamespace.Create();
        using var exporter = StartWatch(ns);
        using var fault = new Retransmissions(ns, 60);
        Expect(exporter, "retransmissions");
    }

    [Fact]
    public void Resets_with_unread_data()
    {
        using var ns = NetNamespace.Create();
        using var exporter = StartWatch(ns);

        // enough for one minute too
        using var fault = new ResetsWithUnreadData(ns, 400);
        Expect(exporter, "reset-storm");
    }

    [Fact]
    public void Orphans_near_their_limit()
    {
        using var ns = NetNamespace.Create();
        using var host = new HostParameters(ns);
        using var fault = new Orphans(ns, 40);
        host.Set("tcp_max_orphans", "32");
        using var exporter = ExporterProcess.Start(ns, arguments: ["--path.procfs", host.Root]);
        var page = Expect(exporter, "orphans-near-limit");
        Limits(page)["Orphans"].ShouldContain("of 32");
    }

    [Fact]
    public void Memory_under_pressure()
    {
        using var ns = NetNamespace.Create();
        using var host = new HostParameters(ns);
        using var fault = new UnreadData(ns, connections: 200);
        host.Set("tcp_mem", "0\t0\t1000000");
        using var exporter = ExporterProcess.Start(ns, arguments: ["--path.procfs", host.Root]);
        Expect(exporter, "tcp-memory-pressure");
    }

    [Fact]
    public void A_service_that_hangs_is_named()
    {
        using var ns = NetNamespace.Create();
        using var hung = new HungListener(ns, clients: 600);
        using var clients = new RestlessClients(ns, hung.Listener);
        using var exporter = ExporterProcess.Start(ns);
        var page = Expect(exporter, "listener-dropping", hung.Listener);
        Heading(page).ShouldBe($"{hung.Listener} ({hung.Unit}) is losing connections");
        Trouble(page, hung.Listener).ShouldContain(hung.Unit);
    }

    /// <summary>Starts it and waits until its rules have run once, because later samples are compared with that time.</summary>
    private static ExporterProcess StartWatch(NetNamespace ns)
    {
        var exporter = ExporterProcess.Start(ns);
        Wait.Until(
            () => !Heading(Get(exporter)).StartsWith("Just started", StringComparison.Ordinal),
            () => $"the rules have judged; log:\n{exporter.Log}",
            Limit,
            TimeSpan.FromMilliseconds(250));
        return exporter;
    }

    /// <summary>Returns the page once it has a finding, and checks that the finding names the endpoint and its owner.</summary>
    private static XElement Expect(ExporterProcess exporter, string id, IPEndPoint? endpoint = null, ServiceUnit? unit = null)
    {
        var name = endpoint is null ? "" : unit?.Owning(endpoint) ?? $"{endpoint}";
        XElement? page = null;
        Wait.Until(
            () => (page = Get(exporter)).Descendants("details").SingleOrDefault(details => (string?)details.Attribute("data-key") == id) is { } finding
                && finding.Element("summary")!.Value.Contains(name, StringComparison.Ordinal),
            () => $"{id} {name}, shown is:\n{string.Join('\n', page!.Descendants("summary").Select(summary => summary.Value))}\nlog:\n{exporter.Log}",
            Limit,
            TimeSpan.FromMilliseconds(250));
        return page!;
    }

    private static XElement Get(ExporterProcess exporter)
    {
        var text = exporter.Http.GetStringAsync(new Uri("/", UriKind.Relative)).GetAwaiter().GetResult();
        using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader).Root!;
    }

    private static string Heading(XElement page) => page.Descendants("h1").Single().Value;

    private static string Trouble(XElement page, IPEndPoint listener) =>
        page.Descendants("tr").Single(row => ((string?)row.Attribute("data-key") ?? "").StartsWith($"{listener}|", StringComparison.Ordinal)).Value;

    private static Dictionary<string, string> Limits(XElement page) =>
        page.Descendants("li").Where(item => item.Parent!.Parent!.Attribute("class")!.Value == "card limits").ToDictionary(item => item.Attribute("data-key")!.Value, item => item.Value, StringComparer.Ordinal);
}
