using System.Globalization;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Alerting;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Unusual kernels, mounts and flags.</summary>
public sealed class OddSetUpTests
{
    private const int HostTimeWait = 6068;

    private const string Foreign = "another network namespace";

    /// <summary>Linux before 4.10 prints the host's tw in every namespace. A procfs root simulates that.</summary>
    [Fact]
    public void Host_wide_TIME_WAIT_is_not_reported_as_the_namespaces_own()
    {
        using var ns = NetNamespace.Create();
        using var timeWait = new LoopbackTimeWait(ns, ports: 20, connects: 6);
        using var connections = new EstablishedPopulation(ns, connections: 3);
        using var host = new StandInProcfs();
        host.Replace("net/sockstat", Sockstat(ns, HostTimeWait));

        var once = ExporterProcess.Run(ns, asNobody: false, "once", $"--path.procfs={host.Root}", "--sample.interval=100ms");

        once.ExitCode.ShouldBe(0, once.Error);
        var scrape = Scrape.Parse(once.Output);
        scrape.Value("tcpstat_source_info", ("source", "sockets"), ("method", "netlink")).ShouldBe(1);
        scrape.Value("tcpstat_connections", ("state", "time_wait")).ShouldBe(6);
        scrape.Value("tcpstat_connections_peak", ("state", "time_wait")).ShouldBe(6);
        scrape.Value("tcpstat_connections", ("state", "established")).ShouldBe(6);

        using var daemon = ExporterProcess.Start(ns, arguments: [$"--path.procfs={host.Root}", "--sample.interval=100ms"]);
        daemon.WaitForSweep();
        Wait.Until(() => daemon.Log.Contains($"sockstat reports {HostTimeWait} sockets in TIME_WAIT, but this network namespace has 6.", StringComparison.Ordinal), () => daemon.Log);
        for (var i = 0; i < 5; i++)
        {
            daemon.ScrapeFresh().Value("tcpstat_connections", ("state", "time_wait")).ShouldBe(6);
        }

        daemon.Scrape().Value("tcpstat_connections_peak", ("state", "time_wait")).ShouldBe(6);
        daemon.Scrape().Families["tcpstat_sockets_time_wait"].Help.ShouldContain("Before Linux 4.10 the kernel counts and limits them host-wide");
    }

    [Fact]
    public void Files_of_one_namespace_and_sockets_of_another_are_not_mixed()
    {
        using var ns = NetNamespace.Create();
        using var other = NetNamespace.Create();
        using var fault = new EstablishedPopulation(other, connections: 3);
        using var process = other.Start("sleep", ["600"]);
        Wait.Until(() => other.Exec("stat", "-Lc%i", $"/proc/{process.Id}/net/tcp").Output == other.Exec("stat", "-Lc%i", "/proc/thread-self/net/tcp").Output, () => "the process is inside");

        var insisted = ExporterProcess.Run(ns, asNobody: true, "once", $"--path.procfs=/proc/{process.Id}", "--source=netlink", "--sample.interval=100ms");

        insisted.ExitCode.ShouldBe(2);
        insisted.Output.ShouldBeEmpty();
        insisted.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldContain($"/proc/{process.Id}/net shows another network namespace");

        var chosen = ExporterProcess.Run(ns, asNobody: true, "once", $"--path.procfs=/proc/{process.Id}", "--sample.interval=100ms");

        chosen.ExitCode.ShouldBe(0, chosen.Error);
        chosen.Error.ShouldContain(Foreign);
        var scrape = Scrape.Parse(chosen.Output);
        scrape.Samples("tcpstat_source_info").ShouldAllBe(sample => sample["method"] == "procfs");
        scrape.Value("tcpstat_connections", ("state", "established")).ShouldBe(6, "both ends of each");
        scrape.Value("tcpstat_tcp_curr_estab").ShouldBe(6);

        // the namespace is the same, whatever the path
        var own = ExporterProcess.Run(other, asNobody: true, "once", $"--path.procfs=/proc/{process.Id}", "--source=netlink", "--sample.interval=100ms");
        own.ExitCode.ShouldBe(0, own.Error);
        Scrape.Parse(own.Output).Value("tcpstat_connections", ("state", "established")).ShouldBe(6);
    }

    /// <summary>systemd's ProcSubset=pid: no /proc/net, no /proc/sys and no /proc/stat.</summary>
    [Theory]
    [InlineData("auto")]
    [InlineData("procfs")]
    public void A_procfs_with_only_processes_is_enough(string source)
    {
        Requires.Program("unshare");
        using var ns = NetNamespace.Create();
        using var fault = new EstablishedPopulation(ns, connections: 3);
        string[] hide = ["unshare", "--mount", "sh", "-c", "mount -t proc -o subset=pid proc /proc && test ! -e /proc/net && exec \"$@\"", "sh"];
        Assert.SkipWhen(ns.Exec(hide[0], [.. hide[1..], "true"]).ExitCode != 0, "this kernel has no subset=pid (Linux 5.8)");

        using var exporter = ExporterProcess.Start(ns, launcher: hide, arguments: [$"--source={source}", "--sample.interval=100ms"]);
        exporter.WaitForSweep();
        var scrape = exporter.ScrapeFresh();

        scrape.Samples("tcpstat_source_up").Where(sample => sample.Value == 0).Select(sample => sample["source"]).ShouldBe(["sysctl"], "/proc/sys is not there");
        scrape.Value("tcpstat_connections", ("state", "established")).ShouldBeGreaterThanOrEqualTo(6);
        scrape.Value("tcpstat_tcp_curr_estab").ShouldBeGreaterThanOrEqualTo(6);
        scrape.Value("tcpstat_sockets_in_use", ("family", "ipv4")).ShouldBeGreaterThanOrEqualTo(6);
        scrape.Samples("tcpstat_source_info").Single(sample => sample["source"] == "sockets")["method"].ShouldBe(source == "auto" ? "netlink" : "procfs");
        DateTimeOffset.FromUnixTimeMilliseconds((long)(scrape.Value("process_start_time_seconds") * 1000))
            .ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddSeconds(2));
    }

    /// <summary>If two files have the same series, node_exporter keeps one and logs an error.</summary>
    [Fact]
    public void Textfiles_of_two_namespaces_work_with_one_node_exporter()
    {
        Requires.Program("prometheus-node-exporter");
        using var ns = NetNamespace.Create();
        using var blue = NetNamespace.Create();
        using var fault = new EstablishedPopulation(blue, connections: 3);
        var folder = Directory.CreateTempSubdirectory("tcpstat-textfile-");
        try
        {
            Put("host.prom", ns, []);
            Put("blue.prom", blue, ["--netns-label=blue"]);
            var web = new IPEndPoint(IPAddress.Loopback, 9100);
            using var nodeExporter = ns.Start(
                "prometheus-node-exporter",
                [$"--web.listen-address={web}", "--collector.disable-defaults", "--collector.textfile", $"--collector.textfile.directory={folder.FullName}"]);
            using var http = NamespaceHttp.Client(ns, web);
            HttpResponseMessage? answer = null;
            Wait.Until(
                () =>
                {
                    try
                    {
                        answer = http.GetAsync(new Uri("/metrics", UriKind.Relative)).GetAwaiter().GetResult();
                        return true;
                    }
                    catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                    {
                        return false;
                    }
                },
                () => $"node_exporter: {nodeExporter.Error}",
                TimeSpan.FromSeconds(30));
            using var page = answer!;
            var text = page.Content.ReadAsStringAsync().GetAwaiter().GetResult();
            page.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            text.ShouldContain("\nnode_textfile_scrape_error 0\n");
            text.ShouldContain("\ntcpstat_connections{state=\"established\"} 0\n");
            text.ShouldContain("\ntcpstat_connections{netns=\"blue\",state=\"established\"} 6\n");
            nodeExporter.Error.ShouldNotContain("level=error");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void Put(string file, NetNamespace from, string[] flags)
        {
            var once = ExporterProcess.Run(from, asNobody: false, ["once", "--sample.interval=100ms", .. flags]);
            once.ExitCode.ShouldBe(0, once.Error);
            File.WriteAllText(Path.Combine(folder.FullName, file), once.Output);
        }
    }

    /// <summary>Returns this namespace's sockstat with a different tw.</summary>
    private static string Sockstat(NetNamespace ns, int timeWait)
    {
        var text = ns.Run(() => File.ReadAllText("/proc/thread-self/net/sockstat"));
        return string.Join('\n', text.Split('\n').Select(line => line.StartsWith("TCP: ", StringComparison.Ordinal) ? WithTimeWait(line) : line));

        string WithTimeWait(string line)
        {
            var words = line.Split(' ');
            words[Array.IndexOf(words, "tw") + 1] = timeWait.ToString(CultureInfo.InvariantCulture);
            return string.Join(' ', words);
        }
    }
}
