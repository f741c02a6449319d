using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TcpStatExporter.Benchmarks.Scale;

/// <summary>
/// A Prometheus with this repository's rules that scrapes the targets. Disposing it kills it and deletes its data.
/// </summary>
internal sealed class PrometheusServer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-scale-");
    private readonly HttpClient _http = new() { BaseAddress = new Uri("http://127.0.0.1:9090"), Timeout = TimeSpan.FromMinutes(2) };
    private readonly Process _process;

    /// <summary>Starts Prometheus.</summary>
    /// <param name="rules">The rule file.</param>
    /// <param name="targets">Number of targets.</param>
    /// <param name="interval">Time between scrapes, and between evaluations.</param>
    public PrometheusServer(string rules, int targets, TimeSpan interval)
    {
        var config = new StringBuilder(
            $"""
            global:
              scrape_interval: {interval.TotalSeconds}s
              evaluation_interval: {interval.TotalSeconds}s
            rule_files: [{rules}]
            scrape_configs:
              - job_name: tcpstat
                static_configs:
                  - targets:

            """);
        for (var host = 1; host <= targets; host++)
        {
            config.Append(null, $"          - {TargetFarm.Address(host)}\n");
        }

        File.WriteAllText(Path.Combine(_folder.FullName, "prometheus.yml"), config.ToString());
        string[] arguments =
        [
            $"--config.file={_folder.FullName}/prometheus.yml", $"--storage.tsdb.path={_folder.FullName}/data",
            "--web.listen-address=127.0.0.1:9090", "--log.level=error",
        ];
        _process = Process.Start(new ProcessStartInfo("prometheus", arguments))!;
    }

    /// <summary>Returns its own metrics: each series, and for each name the sum over all labels.</summary>
    public Dictionary<string, double> Metrics()
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in _http.GetStringAsync(new Uri("/metrics", UriKind.Relative)).GetAwaiter().GetResult().Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                var (end, value) = (line.LastIndexOf(' '), double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
                var name = line[..line.AsSpan().IndexOfAny('{', ' ')];
                sums[line[..end]] = value;
                sums[name] = name.Length == end ? value : sums.GetValueOrDefault(name) + value;
            }
        }

        return sums;
    }

    /// <summary>Returns the number from an instant query, or 0 if there is none.</summary>
    /// <param name="expression">PromQL.</param>
    public double Query(string expression)
    {
        using var answer = JsonDocument.Parse(_http.GetStringAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(expression)}", UriKind.Relative)).GetAwaiter().GetResult());
        return answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
            .Select(element => double.Parse(element.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture)).FirstOrDefault();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }
}
