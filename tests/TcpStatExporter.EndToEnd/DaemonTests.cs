using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>The daemon as a process: how it starts, serves, talks to systemd and ends.</summary>
public sealed class DaemonTests
{
    // how long the daemon waits for running requests when it stops
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SIGTERM_ends_it_within_two_seconds(bool asNobody)
    {
        using var ns = NetNamespace.Create();

        OneOfThreeWithin(TimeSpan.FromSeconds(2), () =>
        {
            using var exporter = ExporterProcess.Start(ns, asNobody);
            exporter.Scrape();
            var time = TimeToEnd(exporter);
            exporter.Log.ShouldContain("Stopped.");
            exporter.Log.ShouldNotContain("   at ");
            Ss.Listeners(ns).ShouldBeEmpty();
            return time;
        });
    }

    [Fact]
    public void A_running_scrape_is_finished_before_the_daemon_ends()
    {
        using var ns = NetNamespace.Create();
        using var crowd = new ListenerCrowd(ns, 500);

        // on a busy machine, the reader may be late until the daemon no longer waits
        var tries = 1;
        while (!IsFinishedUnlessLate(ns))
        {
            (tries++).ShouldBeLessThan(5, "readers that come in time");
        }
    }

    [Fact]
    public void A_reader_that_never_reads_does_not_keep_it_alive()
    {
        using var ns = NetNamespace.Create();
        using var crowd = new ListenerCrowd(ns, 500);

        // its time limit, plus some time for a busy machine
        OneOfThreeWithin(TimeSpan.FromSeconds(3), () =>
        {
            using var exporter = StartWithLargePage(ns);
            using var reader = BeginScrape(ns, exporter);
            reader.Receive(new byte[1]);
            return TimeToEnd(exporter);
        });
    }

    [Fact]
    public void A_port_in_use_prints_one_line_and_exits_with_1()
    {
        using var ns = NetNamespace.Create();
        using var taken = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 4));
        var address = $"127.0.0.1:{taken.LocalEndPoint.Port}";

        var quiet = ExporterProcess.Run(ns, asNobody: false, $"--web.listen-address={address}", "--log.level=error");
        quiet.ExitCode.ShouldBe(1);
        quiet.Output.ShouldBeEmpty();
        quiet.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldContain(address);

        var usual = ExporterProcess.Run(ns, asNobody: false, $"--web.listen-address={address}");
        usual.ExitCode.ShouldBe(1);
        usual.Error.ShouldNotContain("   at ");
        usual.Error.ShouldNotContain("Exception");
        usual.Error.Split('\n').Count(line => line.Contains(address, StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <summary>The usual .NET hosts read addresses from all of these.</summary>
    [Fact]
    public void Only_flags_decide_where_it_listens()
    {
        using var ns = NetNamespace.Create();
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            File.WriteAllText(
                Path.Combine(folder.FullName, "appsettings.json"),
                """{"Urls": "http://127.0.0.1:9001", "Kestrel": {"Endpoints": {"More": {"Url": "http://127.0.0.1:9002"}}}}""");
            using var exporter = ExporterProcess.Start(
                ns,
                environment: new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["ASPNETCORE_URLS"] = "http://127.0.0.1:9003",
                    ["DOTNET_URLS"] = "http://127.0.0.1:9004",
                    ["URLS"] = "http://127.0.0.1:9005",
                    ["Kestrel__Endpoints__More__Url"] = "http://127.0.0.1:9006",
                    ["ASPNETCORE_HTTP_PORTS"] = "9007",
                },
                launcher: ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder.FullName]);

            Ss.Listeners(ns).ShouldHaveSingleItem().IsAt(exporter.Web).ShouldBeTrue();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_address_that_the_host_does_not_have_prints_one_line_and_exits_with_1()
    {
        using var ns = NetNamespace.Create();

        var result = ExporterProcess.Run(ns, asNobody: false, "--web.listen-address=192.0.2.1:10006", "--log.level=error");

        result.ExitCode.ShouldBe(1);
        result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldContain("192.0.2.1:10006");
    }

    [Theory]
    [InlineData("--nope")]
    [InlineData("--sample.interval=0s")]
    [InlineData("--listeners.include=1.2.3.4/33")]
    [InlineData("--source=magic")]
    [InlineData("--web.listen-address=nowhere")]
    [InlineData("frobnicate")]
    public void A_wrong_flag_prints_one_line_and_exits_with_2(string argument)
    {
        using var ns = NetNamespace.Create();

        var result = ExporterProcess.Run(ns, asNobody: false, argument);

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldBeEmpty();
        result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldStartWith("tcpstat-exporter: ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Once_prints_one_exposition(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var fault = new CloseWaitLeak(ns, accepted: 7, unaccepted: 5);

        var result = ExporterProcess.Run(ns, asNobody, "once", "--sample.interval=100ms");

        result.ExitCode.ShouldBe(0, result.Error);
        var scrape = Scrape.Parse(result.Output);
        Figures.ByExporter(scrape).ShouldBe(Figures.ByTools(ns));
        scrape.Value("tcpstat_samples_total").ShouldBe(2);
        scrape.ListenerValue("tcpstat_listen_connections", fault.Listener, ("state", "close_wait")).ShouldBe(12);
    }

    [Fact]
    public void Once_is_valid_for_a_textfile_collector()
    {
        Requires.Program("promtool");
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns);

        var result = ns.Exec("sh", ["-c", "\"$@\" | promtool check metrics", "sh", .. ExporterProcess.CommandLine("once", "--sample.interval=100ms", "--counters=all", "--log.level=error")]);

        (result.ExitCode, result.Output, result.Error).ShouldBe((0, "", ""));
    }

    /// <summary>node_exporter refuses a family that it has itself with a different HELP, and logs that.</summary>
    [Fact]
    public void Once_works_with_the_textfile_collector_of_node_exporter()
    {
        Requires.Program("prometheus-node-exporter");
        using var ns = NetNamespace.Create();
        var folder = Directory.CreateTempSubdirectory("tcpstat-textfile-");
        try
        {
            var once = ExporterProcess.Run(ns, asNobody: false, "once", "--sample.interval=100ms");
            once.ExitCode.ShouldBe(0, once.Error);
            File.WriteAllText(Path.Combine(folder.FullName, "tcpstat.prom"), once.Output);
            var web = new IPEndPoint(IPAddress.Loopback, 9100);
            using var nodeExporter = ns.Start(
                "prometheus-node-exporter",
                [$"--web.listen-address={web}", "--collector.disable-defaults", "--collector.textfile", $"--collector.textfile.directory={folder.FullName}"]);
            using var http = NamespaceHttp.Client(ns, web);

            Wait.Until(() => TryGet(http) is not null, () => $"node_exporter: {nodeExporter.Error}", TimeSpan.FromSeconds(30));
            var page = TryGet(http)!;

            page.ShouldContain("\ntcpstat_connections{state=\"listen\"}");
            page.ShouldContain("\nnode_textfile_scrape_error 0\n");
            page.ShouldContain("\nprocess_cpu_seconds_total ", Case.Sensitive, "its own");
            nodeExporter.Error.ShouldNotContain("level=error");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("/run")]
    [InlineData("@tcpstat-test")]
    public void It_tells_systemd_when_it_is_ready_alive_and_stopping(string place)
    {
        using var ns = NetNamespace.Create();
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            // room for all messages, even if none of them is read
            ns.SetSysctl("net.unix.max_dgram_qlen", "200");

            // an abstract name belongs to the network namespace
            var address = place[0] == '@' ? place : Path.Combine(folder.FullName, "notify");
            using var manager = ns.Run(() => new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified));
            manager.Bind(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
            manager.ReceiveTimeout = 30_000;
            using var exporter = ExporterProcess.Start(
                ns,
                environment: new Dictionary<string, string?>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = address, ["WATCHDOG_USEC"] = "600000" },
                arguments: ["--sample.interval=100ms"]);

            var messages = new List<string>();
            while (messages.Count(message => message is "WATCHDOG=1") < 3 || !messages.Exists(IsReady))
            {
                messages.Add(Receive(manager));
            }

            messages.FindAll(message => message != "WATCHDOG=1" && !IsReady(message) && !IsStatus(message)).ShouldBeEmpty("in between there is nothing to tell");
            messages.FindAll(IsReady).Count.ShouldBe(1);
            messages.Single(IsReady).Split('\n')[1].ShouldMatch("^STATUS=.*[0-9]+ listeners");
            exporter.Stop().ShouldBe(0);
            while (manager.Available > 0)
            {
                messages.Add(Receive(manager));
            }

            messages.Count(message => message.StartsWith("STOPPING=1\nSTATUS=", StringComparison.Ordinal)).ShouldBe(1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static bool IsReady(string message) => message.StartsWith("READY=1\n", StringComparison.Ordinal);
        static bool IsStatus(string message) => message.StartsWith("STATUS=", StringComparison.Ordinal) && !message.Contains('\n', StringComparison.Ordinal);
        static string Receive(Socket socket)
        {
            var buffer = new byte[1024];
            return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
        }
    }

    [Fact]
    public async Task Only_GET_and_HEAD_are_served()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns);

        foreach (var path in (string[])["/metrics", "/", "/-/healthy", "/-/ready"])
        {
            using var get = await SendWhenReady(HttpMethod.Get, path);
            get.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            using var head = await SendWhenReady(HttpMethod.Head, path);
            head.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType, path);
            head.Content.Headers.ContentLength.ShouldNotBeNull(path);
            (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty(path);
            foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options])
            {
                using var refused = await Send(method, path);
                refused.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed, $"{method} {path}");
                refused.Content.Headers.Allow.ShouldBe(["GET", "HEAD"], ignoreOrder: true);
            }
        }

        foreach (var path in (string[])["/metrics/", "/Metrics", "/nope", "//metrics", "/..%2fmetrics"])
        {
            using var missing = await Send(HttpMethod.Get, path);
            missing.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
        }

        exporter.Log.ShouldNotContain("   at ");

        Task<HttpResponseMessage> Send(HttpMethod method, string path) =>
            exporter.Http.SendAsync(new HttpRequestMessage(method, new Uri($"http://{exporter.Web}{path}")));

        // it may be briefly not ready, if the machine delayed its samples
        async Task<HttpResponseMessage> SendWhenReady(HttpMethod method, string path)
        {
            for (var tries = 1; ; tries++)
            {
                var response = await Send(method, path);
                if (path is not "/-/ready" || response.StatusCode != HttpStatusCode.ServiceUnavailable || tries == 300)
                {
                    return response;
                }

                response.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    [Fact]
    public async Task OpenMetrics_and_gzip_are_served_as_Prometheus_requests_them()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");

        using var response = await exporter.Http.SendAsync(request);

        response.Content.Headers.ContentType!.ToString().ShouldStartWith("application/openmetrics-text; version=1.0.0");
        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var gzip = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        var exposition = await text.ReadToEndAsync();
        exposition.ShouldEndWith("\n# EOF\n");
        exposition.ShouldContain("\n# TYPE tcpstat_samples counter\n");
        exposition.ShouldContain("\ntcpstat_samples_total ");
    }

    [Fact]
    public void A_thousand_scrapes_and_hundreds_of_idle_connections_cost_no_sample()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns);

        // repeat if the machine was too busy
        var rounds = 1;
        double missed;
        while ((missed = MissedMeanwhile(ns, exporter)) > 0 && rounds < 5)
        {
            rounds++;
        }

        missed.ShouldBe(0, $"samples in the best of {rounds} rounds");
    }

    private static double MissedMeanwhile(NetNamespace ns, ExporterProcess exporter)
    {
        var idle = new List<KernelSocket>();
        try
        {
            ns.Run(() =>
            {
                for (var i = 0; i < 200; i++)
                {
                    idle.Add(KernelSocket.Connected(exporter.Web));
                }
            });
            var before = exporter.ScrapeFresh();

            for (var i = 0; i < 1000; i++)
            {
                using var response = exporter.Http.GetAsync(new Uri("/metrics", UriKind.Relative)).GetAwaiter().GetResult();
                response.EnsureSuccessStatusCode();
            }

            var after = exporter.ScrapeFresh();
            after.Value("tcpstat_samples_total").ShouldBeGreaterThan(before.Value("tcpstat_samples_total"));
            after.Value("tcpstat_connections", ("state", "established")).ShouldBeGreaterThanOrEqualTo(402, "both ends of each, and of the scrapes'");
            return after.Value("tcpstat_samples_missed_total") - before.Value("tcpstat_samples_missed_total");
        }
        finally
        {
            foreach (var socket in idle)
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>Stops a daemon while a page is being read, and reads the rest of the page.</summary>
    /// <returns>False if the page was cut off because the reader was too late.</returns>
    private static bool IsFinishedUnlessLate(NetNamespace ns)
    {
        using var exporter = StartWithLargePage(ns);
        using var reader = BeginScrape(ns, exporter);
        var buffer = new byte[4096];
        var read = reader.Receive(buffer);
        var head = Encoding.ASCII.GetString(buffer, 0, read);
        head.ShouldStartWith("HTTP/1.1 200 OK\r\n");
        var body = head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        var length = int.Parse(head.Split("Content-Length: ")[1].Split("\r\n")[0], CultureInfo.InvariantCulture);

        var signalled = Stopwatch.GetTimestamp();
        var stop = Task.Run(() => exporter.Stop());
        Wait.Until(() => Ss.Listeners(ns).All(listener => !listener.IsAt(exporter.Web)), () => "it listens no more", TimeSpan.FromSeconds(15));
        var isGone = stop.IsCompleted;
        var text = new StringBuilder(head[body..]);
        try
        {
            while ((read = reader.Receive(buffer)) > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // cut off
        }

        var isLate = Stopwatch.GetElapsedTime(signalled) >= Patience;
        stop.GetAwaiter().GetResult().ShouldBe(0);
        if (isLate && (isGone || text.Length < length))
        {
            return false;
        }

        isGone.ShouldBeFalse("most of the page was still to be read");
        text.Length.ShouldBe(length);
        Scrape.Parse(text.ToString()).Contains("dotnet_gc_heap_size_bytes").ShouldBeTrue("the last family");
        return true;
    }

    /// <summary>A busy machine may stall any process for seconds, but not every time.</summary>
    private static void OneOfThreeWithin(TimeSpan limit, Func<TimeSpan> measure)
    {
        TimeSpan time;
        var tries = 1;
        while ((time = measure()) >= limit && tries < 3)
        {
            tries++;
        }

        time.ShouldBeLessThan(limit);
    }

    private static TimeSpan TimeToEnd(ExporterProcess exporter)
    {
        var started = Stopwatch.GetTimestamp();
        exporter.Stop().ShouldBe(0);
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>
    /// Starts it with many listeners: a page of more than a megabyte, and socket buffers that hold only a small part of it.
    /// </summary>
    private static ExporterProcess StartWithLargePage(NetNamespace ns)
    {
        ns.SetSysctl("net.ipv4.tcp_wmem", "4096 16384 32768");
        ns.SetSysctl("net.ipv4.tcp_rmem", "4096 8192 8192");
        var exporter = ExporterProcess.Start(ns, arguments: ["--listeners.max=1000"]);
        exporter.ScrapeFresh().Text.Length.ShouldBeGreaterThan(1_000_000);
        return exporter;
    }

    private static string? TryGet(HttpClient http)
    {
        try
        {
            return http.GetStringAsync(new Uri("/metrics", UriKind.Relative)).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private static Socket BeginScrape(NetNamespace ns, ExporterProcess exporter)
    {
        var socket = ns.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, ReceiveTimeout = 10_000 });
        socket.Connect(exporter.Web);
        socket.Send(Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: {exporter.Web}\r\n\r\n"));
        return socket;
    }
}
