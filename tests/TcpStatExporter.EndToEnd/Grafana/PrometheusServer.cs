using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>Prometheus in a network namespace, on 127.0.0.1:9090, with its own data directory.</summary>
internal sealed class PrometheusServer : IDisposable
{
    public const string Address = "http://127.0.0.1:9090";

    private static readonly IPEndPoint Web = new(IPAddress.Loopback, 9090);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-prometheus-");
    private readonly ChildProcess _process;
    private readonly HttpClient _http;

    /// <summary>Starts Prometheus and waits until it is ready.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="configuration">Its configuration.</param>
    public PrometheusServer(NetNamespace ns, string configuration)
    {
        Requires.Program("prometheus");
        File.WriteAllText(Path.Combine(_folder.FullName, "prometheus.yml"), configuration);
        _process = ns.Start("prometheus",
        [
            $"--config.file={_folder.FullName}/prometheus.yml", $"--storage.tsdb.path={_folder.FullName}/data",
            $"--web.listen-address={Web}", "--log.level=warn",
        ]);
        _http = NamespaceHttp.Client(ns, Web);
        Wait.Until(IsReady, () => $"Prometheus is ready; log:\n{_process.Error}", TimeSpan.FromSeconds(30));
    }

    /// <summary>Returns the series of a result, each with its labels and its last value, without NaN values.</summary>
    /// <param name="expression">PromQL.</param>
    /// <param name="from">Start of the range. Null for only the end.</param>
    /// <param name="to">End of the range.</param>
    /// <exception cref="InvalidOperationException">Prometheus rejects the query.</exception>
    public IReadOnlyList<JsonObject> Query(string expression, DateTimeOffset? from, DateTimeOffset to)
    {
        var query = Uri.EscapeDataString(expression);
        var data = from is { } start
            ? Get($"query_range?query={query}&start={Seconds(start)}&end={Seconds(to)}&step=1", expression)
            : Get($"query?query={query}&time={Seconds(to)}", expression);
        return [.. data["result"]!.AsArray().Select(series => series!.AsObject()).Where(HasValue)];
    }

    /// <summary>Returns the values of a label.</summary>
    /// <param name="label">Its name.</param>
    /// <param name="selector">The series to use.</param>
    /// <param name="from">Start of the range.</param>
    /// <param name="to">End of the range.</param>
    public IReadOnlyList<string> LabelValues(string label, string selector, DateTimeOffset from, DateTimeOffset to) =>
    [
        .. Get($"label/{label}/values?match[]={Uri.EscapeDataString(selector)}&start={Seconds(from)}&end={Seconds(to)}", selector)
            .AsArray().Select(value => (string)value!),
    ];

    public void Dispose()
    {
        _http.Dispose();
        _process.Dispose();
        if (Directory.Exists(_folder.FullName))
        {
            _folder.Delete(recursive: true);
        }
    }

    private static bool HasValue(JsonObject series) =>
        series["value"] is { } single
            ? (string)single[1]! != "NaN"
            : series["values"]!.AsArray().Any(point => (string)point![1]! != "NaN");

    private static string Seconds(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() / 1000.0).ToString("F3", CultureInfo.InvariantCulture);

    private JsonNode Get(string path, string what)
    {
        using var response = _http.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative)).GetAwaiter().GetResult();
        var answer = JsonNode.Parse(response.Content.ReadAsStringAsync().GetAwaiter().GetResult())!;
        return (string)answer["status"]! == "success"
            ? answer["data"]!
            : throw new InvalidOperationException($"{what}: {answer["error"]}");
    }

    private bool IsReady()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"Prometheus ended: {_process.Error}");
        }

        try
        {
            using var response = _http.GetAsync(new Uri("/-/ready", UriKind.Relative)).GetAwaiter().GetResult();
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
