using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Prometheus in a network namespace, on its loopback, with its own data directory. It scrapes and evaluates every second.
/// </summary>
internal sealed class PrometheusProcess : IDisposable
{
    private static readonly IPEndPoint Web = new(IPAddress.Loopback, 9090);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private static readonly DriveInfo Memory = new("/dev/shm");

    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;
    private readonly HttpClient _http;

    private PrometheusProcess(NetNamespace ns, DirectoryInfo folder, TimeScale scale)
    {
        _folder = folder;
        _http = NamespaceHttp.Client(ns, Web);
        var lookback = scale.Shorten(TimeSpan.FromMinutes(5));
        _process = ns.Start("prometheus",
        [
            $"--config.file={folder.FullName}/prometheus.yml",
            $"--storage.tsdb.path={folder.FullName}/data",
            $"--web.listen-address={Web}",
            $"--query.lookback-delta={lookback.TotalMilliseconds}ms",
            "--log.level=warn",
        ]);
    }

    /// <summary>Its errors so far.</summary>
    public string Log => _process.Error;

    /// <summary>Starts Prometheus and waits until it is ready.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="rules">The rule file with shortened durations.</param>
    /// <param name="targets">The targets, by the name that becomes the label instance.</param>
    /// <param name="alertmanager">Where to send alerts.</param>
    /// <param name="scale">How much faster time runs.</param>
    public static PrometheusProcess Start(NetNamespace ns, string rules, IReadOnlyDictionary<string, IPEndPoint> targets, IPEndPoint alertmanager, TimeScale scale)
    {
        Requires.Program("prometheus");

        // in memory if possible, because on a busy disk scrapes have to wait
        var folder = Memory is { IsReady: true, AvailableFreeSpace: > 1 << 29 }
            ? Memory.RootDirectory.CreateSubdirectory($"tcpstat-prometheus-{Guid.NewGuid():N}")
            : Directory.CreateTempSubdirectory("tcpstat-prometheus-");
        File.WriteAllText(Path.Combine(folder.FullName, "tcpstat.rules.yml"), rules);
        File.WriteAllText(Path.Combine(folder.FullName, "prometheus.yml"), Configuration(targets, alertmanager));
        var prometheus = new PrometheusProcess(ns, folder, scale);
        try
        {
            prometheus._process.WaitUntilReady(prometheus._http, ReadyLimit);
            return prometheus;
        }
        catch
        {
            prometheus.Dispose();
            throw;
        }
    }

    /// <summary>Runs an instant query.</summary>
    /// <param name="expression">PromQL.</param>
    /// <returns>Labels and value of each element.</returns>
    public IReadOnlyList<MetricSample> Query(string expression)
    {
        using var answer = Get($"/api/v1/query?query={Uri.EscapeDataString(expression)}");
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(element =>
            {
                var labels = Labels(element.GetProperty("metric"));
                return new MetricSample(
                    labels.GetValueOrDefault("__name__", ""),
                    labels,
                    double.Parse(element.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
            }),
        ];
    }

    /// <summary>Returns the firing alerts, whether or not Alertmanager delivers them.</summary>
    public IReadOnlyList<Alert> Firing()
    {
        using var answer = Get("/api/v1/alerts");
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("alerts").EnumerateArray()
                .Where(alert => alert.GetProperty("state").GetString() is "firing")
                .Select(alert => new Alert(Labels(alert.GetProperty("labels")), Labels(alert.GetProperty("annotations")))),
        ];
    }

    public void Dispose()
    {
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Dictionary<string, string> Labels(JsonElement labels) =>
        labels.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!, StringComparer.Ordinal);

    private static string Configuration(IReadOnlyDictionary<string, IPEndPoint> targets, IPEndPoint alertmanager)
    {
        var text = new StringBuilder(
            $"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
            rule_files: [tcpstat.rules.yml]
            alerting:
              alertmanagers:
                - static_configs:
                    - targets: ["{alertmanager}"]
            scrape_configs:
              - job_name: tcpstat
                static_configs:

            """);
        foreach (var (name, target) in targets)
        {
            text.Append(CultureInfo.InvariantCulture, $"      - targets: [\"{target}\"]\n        labels: {{ instance: \"{name}\" }}\n");
        }

        return text.ToString();
    }

    private JsonDocument Get(string path) =>
        JsonDocument.Parse(_http.GetStringAsync(new Uri(path, UriKind.Relative)).GetAwaiter().GetResult());
}
