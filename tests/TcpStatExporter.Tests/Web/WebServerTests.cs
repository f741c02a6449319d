using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.View;
using TcpStatExporter.Web;
using TcpStatExporter.Web.Page;
using Xunit;

namespace TcpStatExporter.Tests.Web;

/// <summary>Real Kestrel on loopback, assembled as in the daemon, with a hand-made sample.</summary>
public sealed class WebServerTests : IAsyncLifetime
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly ManualTimeProvider _time = new();
    private readonly SampleStore _store;
    private readonly ErrorLog _log = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });
    private WebServer _server = null!;
    private Uri _root = null!;

    public WebServerTests() => _store = new SampleStore(_time, TimeSpan.FromSeconds(3));

    public async ValueTask InitializeAsync() => (_server, _root) = await Start("/metrics", "--web.listen-address=127.0.0.1:0");

    public async ValueTask DisposeAsync()
    {
        await Stop(_server);
        _client.Dispose();
        _log.Dispose();
        _log.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/?x=y", "text/html; charset=utf-8")]
    [InlineData("/-/page.css", "text/css; charset=utf-8")]
    [InlineData("/-/page.js?1234", "text/javascript; charset=utf-8")]
    [InlineData("/-/critical.svg", "image/svg+xml")]
    [InlineData("/api/v1/view", "application/json; charset=utf-8")]
    [InlineData("/metrics", Text)]
    [InlineData("/metrics?collect[]=x", Text)]
    [InlineData("/-/healthy", "text/plain; charset=utf-8")]
    public async Task Answers_GET_and_HEAD(string path, string contentType)
    {
        using var got = await Send(HttpMethod.Get, path);
        got.StatusCode.ShouldBe(HttpStatusCode.OK);
        got.Content.Headers.ContentType?.ToString().ShouldBe(contentType);
        got.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        got.Headers.Contains("Server").ShouldBeFalse();
        var body = await got.Content.ReadAsByteArrayAsync();
        body.Length.ShouldBeGreaterThan(10);
        got.Content.Headers.ContentLength.ShouldBe(body.Length);

        using var head = await Send(HttpMethod.Head, path);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentType?.ToString().ShouldBe(contentType);
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("POST", "/metrics")]
    [InlineData("PUT", "/")]
    [InlineData("POST", "/-/page.js")]
    [InlineData("PATCH", "/api/v1/view")]
    [InlineData("DELETE", "/-/ready")]
    [InlineData("OPTIONS", "/-/healthy")]
    [InlineData("TRACE", "/metrics")]
    [InlineData("PURGE", "/metrics")]
    public async Task Other_methods_get_405_and_the_allowed_methods(string method, string path)
    {
        using var response = await Send(new HttpMethod(method), path);
        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldBe(["GET", "HEAD"]);
    }

    [Fact]
    public async Task A_body_is_rejected()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_root, "/metrics")) { Content = new ByteArrayContent(new byte[100]) };
        using var response = await _client.SendAsync(request);
        ((int)response.StatusCode).ShouldBeInRange(400, 499);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/metrics/")]
    [InlineData("/METRICS")]
    [InlineData("/-/")]
    [InlineData("/metrics/../etc/passwd")]
    [InlineData("/%00")]
    public async Task Unknown_paths_get_404(string path)
    {
        var status = await Raw($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        status.ShouldBeOneOf("404", "400");
        if (!path.Contains('%', StringComparison.Ordinal))
        {
            status.ShouldBe("404");
        }
    }

    [Theory]
    [InlineData(null, Text)]
    [InlineData("*/*", Text)]
    [InlineData("text/html", Text)]
    [InlineData("application/openmetrics-text", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OpenMetrics)]
    [InlineData("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1", OpenMetrics)]
    [InlineData("text/plain;version=0.0.4", Text)]
    public async Task The_format_is_what_the_client_accepts(string? accept, string contentType)
    {
        await Sample();
        using var response = await Send(HttpMethod.Get, "/metrics", accept);
        response.Content.Headers.ContentType?.ToString().ShouldBe(contentType);
        var body = await response.Content.ReadAsStringAsync();
        body.EndsWith("# EOF\n", StringComparison.Ordinal).ShouldBe(contentType == OpenMetrics);
        body.ShouldContain($"tcpstat_connections{{state=\"established\"}} {(contentType == OpenMetrics ? "10.0" : "10")}\n");
        string.Join(", ", response.Headers.Vary).ShouldBe("Accept, Accept-Encoding");
        response.Headers.CacheControl?.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Gzip_is_the_same_page()
    {
        await Sample();
        using var plain = await Send(HttpMethod.Get, "/metrics");
        using var packed = await Send(HttpMethod.Get, "/metrics", encoding: "gzip");
        packed.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        plain.Content.Headers.ContentEncoding.ShouldBeEmpty();
        await using var unpacked = new GZipStream(await packed.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        Lasting(await reader.ReadToEndAsync()).ShouldBe(Lasting(await plain.Content.ReadAsStringAsync()));

        using var head = await Send(HttpMethod.Head, "/metrics", encoding: "gzip");
        head.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();

        // metrics about the exporter itself change between two scrapes
        static string[] Lasting(string page) => [.. page.Split('\n').Where(line => line.StartsWith("tcpstat_", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task Is_ready_while_a_sample_is_fresh()
    {
        await Ready(HttpStatusCode.ServiceUnavailable, "No sample yet.");
        await Sample();
        await Ready(HttpStatusCode.OK, "ready");
        _time.Advance(TimeSpan.FromSeconds(3));
        await Ready(HttpStatusCode.OK, "ready");
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await Ready(HttpStatusCode.ServiceUnavailable, "3.5 s old");
        await Sample();
        await Ready(HttpStatusCode.OK, "ready");

        async Task Ready(HttpStatusCode status, string body)
        {
            using var response = await Send(HttpMethod.Get, "/-/ready");
            response.StatusCode.ShouldBe(status);
            (await response.Content.ReadAsStringAsync()).ShouldContain(body);
        }
    }

    [Fact]
    public async Task A_sample_that_is_too_old_is_not_served_as_current()
    {
        await Sample();
        (await _client.GetStringAsync(new Uri(_root, "/metrics"))).ShouldContain("\ntcpstat_connections{");

        _time.Advance(TimeSpan.FromSeconds(3.1));
        var metrics = await _client.GetStringAsync(new Uri(_root, "/metrics"));
        foreach (var source in new[] { "sockets", "listeners", "snmp", "netstat", "sockstat", "sysctl" })
        {
            metrics.ShouldContain($"\ntcpstat_source_up{{source=\"{source}\"}} 0\n");
        }

        var families = PageReader.Read(isOpenMetrics: false, metrics).Where(family => family.Samples.Count > 0).Select(family => family.Name);
        families.ShouldBe(
            MetricCatalogue.All.Where(entry => entry.Source is "exporter" or "process" && entry.Family != MetricCatalogue.ListenersNotExported)
            .Select(entry => entry.Family.Name), ignoreOrder: true);

        using var view = JsonDocument.Parse(await _client.GetStringAsync(new Uri(_root, "/api/v1/view")));
        view.RootElement.GetProperty("is_stale").GetBoolean().ShouldBeTrue();
        view.RootElement.GetProperty("sample_age_seconds").GetDouble().ShouldBe(3.1);
        view.RootElement.GetProperty("listeners").ValueKind.ShouldBe(JsonValueKind.Null);
        view.RootElement.GetProperty("verdict").GetProperty("level").GetString().ShouldBe("unknown");
        (await _client.GetStringAsync(_root)).ShouldContain("The last sample is 3 s old");

        await Sample();
        (await _client.GetStringAsync(new Uri(_root, "/metrics"))).ShouldContain("\ntcpstat_connections{");
    }

    [Fact]
    public async Task Scrapes_above_the_limit_get_503_and_the_others_continue()
    {
        // more than the sockets between the two can hold, so a scrape that nobody reads does not finish
        await Sample(listeners: 4000);
        var (server, root) = await Start("/metrics", "--web.listen-address=127.0.0.1:0", "--web.max-requests=1");
        using var ownServer = server;
        using var slow = new TcpClient { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(IPAddress.Loopback, root.Port);
        await slow.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        await slow.GetStream().ReadExactlyAsync(new byte[1]);

        using var refused = await _client.GetAsync(new Uri(root, "/metrics"));
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter?.ToString().ShouldBe("1");
        using var healthy = await _client.GetAsync(new Uri(root, "/-/healthy"));
        healthy.StatusCode.ShouldBe(HttpStatusCode.OK);

        slow.Close();
        for (var i = 0; ; i++)
        {
            using var again = await _client.GetAsync(new Uri(root, "/metrics"));
            if (again.IsSuccessStatusCode)
            {
                break;
            }

            i.ShouldBeLessThan(3000, "a scrape that was given up frees its place");
            await Task.Delay(20);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")] // no Host header
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /\r\n\r\n")]
    [InlineData("GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nBad Header\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nA: b\0c\r\n\r\n")]
    [InlineData("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    public async Task Malformed_requests_get_a_matching_status(string request)
    {
        var status = await Raw(request);
        status.ShouldBeOneOf("400", "404", "405", "413", "505");
        using var after = await Send(HttpMethod.Get, "/-/healthy");
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: localhost\r\n\r\n", 1_000_000, "414")]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: localhost\r\n\r\n", 5_000, "414")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {0}\r\n\r\n", 1_000_000, "431")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {0}\r\n\r\n", 17_000, "431")]
    public async Task Too_long_requests_are_rejected(string request, int length, string status) =>
        (await Raw(string.Format(System.Globalization.CultureInfo.InvariantCulture, request, new string('a', length)))).ShouldBe(status);

    [Fact]
    public async Task Too_many_headers_are_rejected() =>
        (await Raw($"GET / HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 70).Select(i => $"X-{i}: 1\r\n"))}\r\n")).ShouldBe("431");

    [Theory]
    [InlineData("localhost", "200")]
    [InlineData("localhost:10006", "200")]
    [InlineData("127.0.0.1:80", "200")]
    [InlineData("[::1]", "200")]
    [InlineData("", "200")]
    [InlineData("attacker.example", "421")]
    [InlineData("attacker.example:10006", "421")]
    [InlineData("127.0.0.1.attacker.example", "421")]
    public async Task On_loopback_foreign_host_names_are_rejected(string host, string status)
    {
        foreach (var path in (string[])["/", "/metrics", "/api/v1/view", "/-/healthy"])
        {
            (await Raw($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).ShouldBe(status, path);
        }
    }

    [Theory]
    [InlineData("--web.listen-address=[::1]:0", HttpStatusCode.MisdirectedRequest)]
    [InlineData("--web.listen-address=127.3.2.1:0", HttpStatusCode.MisdirectedRequest)]
    [InlineData("--web.listen-address=:0", HttpStatusCode.OK)]
    [InlineData("--web.listen-address=0.0.0.0:0", HttpStatusCode.OK)]
    public async Task Host_names_are_checked_on_loopback(string address, HttpStatusCode status)
    {
        var (server, root) = await Start("/metrics", address);
        using var ownServer = server;
        (await AsAttacker(new UriBuilder(root) { Host = root.HostNameType == UriHostNameType.Dns || root.Host is "[::]" or "0.0.0.0" ? "127.0.0.1" : root.Host }.Uri)).ShouldBe(status);
    }

    [Fact]
    public async Task With_users_any_host_name_is_accepted()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "basic_auth_users:\n  bob: $2b$05$tcpstatExporterTestSaemfqyOAjxoyMqHCjFnKolX6jEVsfj.dC\n");
            var (server, root) = await Start("/metrics", "--web.listen-address=127.0.0.1:0", $"--web.config.file={file}");
            using var ownServer = server;
            (await AsAttacker(root)).ShouldBe(HttpStatusCode.Unauthorized);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<HttpStatusCode> AsAttacker(Uri uri)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Host = "attacker.example";
        using var response = await _client.SendAsync(request);
        return response.StatusCode;
    }

    [Fact]
    public async Task A_port_in_use_is_reported_in_one_line()
    {
        var failure = await Should.ThrowAsync<BindException>(() => Start("/metrics", $"--web.listen-address=127.0.0.1:{_root.Port}"));
        var explanation = failure.Message;
        explanation.ShouldContain($"127.0.0.1:{_root.Port}");
        explanation.ShouldContain("in use");
        explanation.ShouldNotContain("\n");
        explanation.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task An_address_of_another_host_is_reported_in_one_line()
    {
        // TEST-NET-1: an address that nobody uses
        var failure = await Should.ThrowAsync<BindException>(() => Start("/metrics", "--web.listen-address=192.0.2.1:0"));
        failure.Message.ShouldStartWith("Cannot listen on 192.0.2.1:0: ");
        failure.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void Other_failures_are_not_explained_as_bind_failures() =>
        BindException.Explain(new InvalidOperationException("a bug"), []).ShouldBeNull();

    [Fact]
    public async Task The_path_of_the_metrics_can_be_chosen()
    {
        var (server, root) = await Start("/tcp&more", "--web.listen-address=127.0.0.1:0", "--web.telemetry-path=/tcp&more");
        using var ownServer = server;
        using var metrics = await _client.GetAsync(new Uri(root, "/tcp&more"));
        metrics.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var usual = await _client.GetAsync(new Uri(root, "/metrics"));
        usual.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _client.GetStringAsync(root)).ShouldContain("href=\"./tcp&amp;more\"");
    }

    [Fact]
    public async Task Many_scrapers_see_the_same()
    {
        await Sample(listeners: 200);
        var pages = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            using var response = await Send(HttpMethod.Get, "/metrics", "application/openmetrics-text");
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
        }));
        var whole = pages.Where(page => page is not null).Select(page => string.Join('\n', page!.Split('\n').Where(line => line.StartsWith("tcpstat_", StringComparison.Ordinal)))).ToArray();
        whole.Length.ShouldBeGreaterThan(10);
        whole.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_page_has_a_strict_policy_and_is_not_cached()
    {
        using var page = await Send(HttpMethod.Get, "/");
        page.Headers.GetValues("Content-Security-Policy").ShouldBe(
            ["default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"]);
        page.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        page.Headers.CacheControl?.NoStore.ShouldBeTrue();
        page.Headers.Vary.ShouldBe(["Accept-Encoding"]);
    }

    [Fact]
    public async Task Headers_in_the_web_configuration_take_precedence()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "http_server_config:\n  headers:\n    Content-Security-Policy: default-src 'self'\n    X-Frame-Options: deny\n");
            var (server, root) = await Start("/metrics", "--web.listen-address=127.0.0.1:0", $"--web.config.file={file}");
            using var ownServer = server;
            using var page = await _client.GetAsync(root);
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            page.Headers.GetValues("Content-Security-Policy").ShouldBe(["default-src 'self'"]);
            page.Headers.GetValues("X-Frame-Options").ShouldBe(["deny"]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Script_and_style_are_sent_again_only_if_they_changed()
    {
        using var first = await Send(HttpMethod.Get, "/-/page.js");
        first.Headers.CacheControl?.NoCache.ShouldBeTrue();
        var tag = first.Headers.ETag.ShouldNotBeNull();

        (await Ask(tag)).ShouldBe(HttpStatusCode.NotModified);
        (await Ask(new EntityTagHeaderValue("\"other\""))).ShouldBe(HttpStatusCode.OK);

        async Task<HttpStatusCode> Ask(EntityTagHeaderValue known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_root, "/-/page.js"));
            request.Headers.IfNoneMatch.Add(known);
            using var response = await _client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task The_page_and_its_JSON_show_the_last_published_sample()
    {
        await Sample(listeners: 5);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Sample(listeners: 5);
        _time.Advance(TimeSpan.FromSeconds(1));
        using var packed = await Send(HttpMethod.Get, "/", encoding: "gzip");
        packed.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var unpacked = new GZipStream(await packed.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        var page = await reader.ReadToEndAsync();
        page.ShouldContain("10.0.0.1:5<");
        page.ShouldBe(await (await Send(HttpMethod.Get, "/")).Content.ReadAsStringAsync());

        using var json = System.Text.Json.JsonDocument.Parse(await (await Send(HttpMethod.Get, "/api/v1/view")).Content.ReadAsStringAsync());
        json.RootElement.GetProperty("host").GetString().ShouldBe("db-7");
        json.RootElement.GetProperty("listeners").GetArrayLength().ShouldBe(5);
    }

    [Fact]
    public async Task Many_readers_have_at_most_ten_views_built_per_second()
    {
        await Sample(listeners: 3);
        var first = await Listeners();
        await Sample(listeners: 4);
        (await Listeners()).ShouldBe(first);
        _time.Advance(TimeSpan.FromSeconds(0.11));
        (await Listeners()).ShouldBe(4);

        async Task<int> Listeners()
        {
            using var json = System.Text.Json.JsonDocument.Parse(await (await Send(HttpMethod.Get, "/api/v1/view")).Content.ReadAsStringAsync());
            return json.RootElement.GetProperty("listeners").GetArrayLength();
        }
    }

    private async Task Sample(int listeners = 2)
    {
        await Task.Yield();
        using var sampler = new Sampler(
            FakeHost.Sources(listeners), Listeners.Table(max: 65_536), Listeners.Stuck(), host: null, TimeSpan.FromSeconds(60), _store, _time, new RecordingLogger<Sampler>());
        sampler.Sample();
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? accept = null, string? encoding = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_root, path));
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (encoding is not null)
        {
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
        }

        return await _client.SendAsync(request);
    }

    /// <summary>Sends bytes unchanged.</summary>
    /// <returns>The status code of the response.</returns>
    private async Task<string> Raw(string request)
    {
        using var client = new TcpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await client.ConnectAsync(IPAddress.Loopback, _root.Port, patience.Token);
        await using var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
        }
        catch (IOException)
        {
            // rejected before the request was read completely; the response has arrived anyway
        }

        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, patience.Token);
        var text = Encoding.Latin1.GetString(answer);
        text.ShouldStartWith("HTTP/1.1 ");
        return text[9..];
    }

    private async Task<(WebServer Server, Uri Root)> Start(string path, params string[] arguments)
    {
        var options = await Arguments.Options(arguments);
        var metrics = new MetricsHandler(RenderedPage.Page(_store), options.Web.MaxRequests);
        var page = new PageHandler(new ViewReader(_store, new AdviceStore(), "db-7"), new HostPage(path), _time);
        var handler = new RequestHandler(metrics, page, path, _store);
        var server = new WebServer(options.Web, handler.HandleAsync, _log, options.Web.ConfigFile is { } file ? Security(file) : null);
        try
        {
            await server.StartAsync(CancellationToken.None);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        return (server, new Uri(server.Urls.Single()));
    }

    private static async Task Stop(WebServer server)
    {
        await server.StopAsync(CancellationToken.None);
        server.Dispose();
    }

    private WebSecurity Security(string file) =>
        new(new WebConfigSource(file, TimeProvider.System, _log), new PasswordChecker(PasswordHash.Verify), TimeProvider.System);

    /// <summary>Records what Kestrel considers an error of the application.</summary>
    private sealed class ErrorLog : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Errors { get; } = new();

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // the host logs a failed start, which two tests are about
            if (logLevel >= LogLevel.Error && eventId.Name is not "HostedServiceStartupFaulted")
            {
                Errors.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
