using System.Globalization;
using System.Net;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>A real Prometheus scrapes the exporter, both in the same namespace.</summary>
public sealed class PrometheusTests
{
    /// <summary>
    /// deploy/scale.md says how much a Prometheus has to store. The number of parameters and kernel counters differs slightly
    /// between kernels.
    /// </summary>
    private static void IsAsTold(Func<string, double> count, string listener)
    {

        // its queue is in use
        count($"__name__!='',{listener}").ShouldBe(Told("its fill histogram") + Told("its histogram of waits"));
        count("__name__=~'tcpstat_sample_duration_seconds_.+'").ShouldBe(Told("histograms of how long"));
        count("__name__='tcpstat_source_errors_total'").ShouldBe(Told("its failed reads"));
        count("__name__='tcpstat_finding'").ShouldBe(Told("findings"));
        count("__name__='tcpstat_sysctl'").ShouldBe(Told("kernel parameters"), tolerance: 5);
        count("__name__=~'(tcpstat|process|dotnet|system)_.+',__name__!~'tcpstat_(sample_duration_seconds|source_errors|finding|sysctl).*',port=''").ShouldBe(Told("states and their peaks"), tolerance: 10);
        count("__name__=~'.+_created'").ShouldBe(0);

        static double Told(string what) => Repository.Read("deploy/scale.md").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains(what, StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
            .First();
    }

    private static readonly IPEndPoint Web = new(IPAddress.Loopback, 9090);

    // with native histograms, Prometheus requests protobuf first
    [Theory]
    [InlineData("")]
    [InlineData("--enable-feature=native-histograms")]
    public void Its_series_arrive(string feature)
    {
        Requires.Program("prometheus");
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns);
        exporter.ScrapeFresh();
        using var fault = new AcceptQueueFull(ns);
        fault.StopRetries();
        exporter.ScrapeFresh();
        exporter.WaitForSweep();
        var port = fault.Listener.Port.ToString(CultureInfo.InvariantCulture);
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_listen_queue_wait_seconds_count").Any(sample => sample["port"] == port), () => "somebody looked at the queue");
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            var config = Path.Combine(folder.FullName, "prometheus.yml");
            File.WriteAllText(
                config,
                $"""
                global:
                  scrape_interval: 1s
                  scrape_timeout: 1s
                scrape_configs:
                  - job_name: tcpstat
                    static_configs:
                      - targets: ['{exporter.Web}']

                """);
            string[] features = feature.Length > 0 ? [feature] : [];
            using var prometheus = ns.Start(
                "prometheus",
                [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}", $"--web.listen-address={Web}", "--log.level=warn", .. features]);
            using var http = NamespaceHttp.Client(ns, Web);
            double[] scraped = [];
            Wait.Until(
                () => prometheus.HasExited
                    ? throw new InvalidOperationException(prometheus.Error)
                    : (scraped = Query(http, "timestamp(up{job='tcpstat'}) and up{job='tcpstat'} == 1")).Length == 1,
                () => $"up; Prometheus: {prometheus.Error}; exporter: {exporter.Log}",
                TimeSpan.FromSeconds(30),
                TimeSpan.FromMilliseconds(100));

            // all from that one scrape: on a busy machine a later one may fail and end the series
            var at = scraped[0];
            var labels = $"address='127.0.0.1',port='{port}'";
            Query(http, $"tcpstat_listen_drops_total{{{labels}}}", at).ShouldBe([11 + fault.Retries]);
            Query(http, $"tcpstat_listen_lost_total{{{labels},reason='accept_queue'}}", at).ShouldBe([11 + fault.Retries]);
            Query(http, $"tcpstat_listen_queue_length{{{labels}}} > tcpstat_listen_queue_limit", at).ShouldBe([9]);
            Query(http, "count(tcpstat_connections)", at).ShouldBe([11]);
            Query(http, "tcpstat_build_info", at).ShouldBe([1]);
            Query(http, "count(count by (__name__) ({job='tcpstat',__name__=~'tcpstat_.+'}))", at).ShouldHaveSingleItem().ShouldBeGreaterThan(80);
            Query(http, $"histogram_quantile(0.5, tcpstat_listen_queue_fill_ratio_bucket{{{labels}}})", at).ShouldBe([1], "beyond the last bound: full all the time");

            // a counter in OpenMetrics keeps its _total
            Query(http, "tcpstat_samples_total", at).ShouldHaveSingleItem().ShouldBePositive();
            Query(http, "scrape_samples_scraped", at).ShouldHaveSingleItem().ShouldBeGreaterThan(150);
            IsAsTold(selector => Query(http, $"count({{job='tcpstat',{selector}}})", at).SingleOrDefault(), labels);
            prometheus.Error.ShouldNotContain("level=error");
            prometheus.Error.ShouldNotContain("Error on ingesting");
        }
        finally
        {
            // Prometheus may still be writing
            Wait.Until(() => TryDelete(folder), () => "its folder is gone");
        }
    }

    private static bool TryDelete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>
    /// Returns the values of an instant query, for now if no time is given. Empty if Prometheus does not answer yet.
    /// </summary>
    private static double[] Query(HttpClient http, string query, double? at = null)
    {
        var time = at is null ? "" : string.Create(CultureInfo.InvariantCulture, $"&time={at:F3}");
        try
        {
            using var answer = JsonDocument.Parse(http.GetStringAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}{time}", UriKind.Relative)).GetAwaiter().GetResult());
            return
            [
                .. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                    .Select(series => double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture)),
            ];
        }
        catch (Exception exception) when (exception is HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable } or TaskCanceledException)
        {
            return [];
        }
    }
}
