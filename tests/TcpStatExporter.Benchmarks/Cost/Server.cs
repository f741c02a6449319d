using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>A program that answers scrapes, as installed or published. Disposing it kills it.</summary>
internal sealed class Server : IDisposable
{
    // below the sandbox's ephemeral ports, otherwise a client that connects before the server listens could get its port and
    // connect to itself
    private static int _port = 800;

    private readonly Process _process;
    private readonly HttpClient _client;

    private Server(string name, string program, string[] arguments)
    {
        Name = name;
        var address = $"127.0.0.1:{++_port}";

        // as Prometheus asks
        _client = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.GZip }) { BaseAddress = new Uri($"http://{address}/metrics"), Timeout = TimeSpan.FromSeconds(30) };

        // discard its log
        var start = Stopwatch.GetTimestamp();
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments, $"--web.listen-address={address}"]))!;
        WaitUntilAnswers();
        StartTime = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Path of the exporter next to this program.</summary>
    public static string BesideThis { get; } = Path.Combine(AppContext.BaseDirectory, "tcpstat-exporter");

    /// <summary>Time from its start to its first answer, accurate to 2 ms.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Its name in tables.</summary>
    public string Name { get; }

    /// <summary>CPU time used so far.</summary>
    public TimeSpan Cpu => CpuClock.Of(_process.Id);

    /// <summary>Creates an exporter: a published one, or the one next to this program.</summary>
    /// <param name="path">Its path. Empty for the one next to this program.</param>
    /// <param name="flags">Its flags.</param>
    public static Server Exporter(string path = "", params string[] flags) => new(
        "tcpstat-exporter" + (path.Length > 0 ? $" ({path})" : ""),
        path.Length > 0 ? path : BesideThis,
        flags);

    /// <summary>Creates Debian's prometheus-node-exporter with the collectors for the same data as the exporter.</summary>
    public static Server NodeExporter() => new(
        "prometheus-node-exporter",
        "prometheus-node-exporter",
        ["--collector.disable-defaults", "--collector.tcpstat", "--collector.netstat", "--collector.sockstat"]);

    /// <summary>Scrapes once.</summary>
    /// <returns>The page.</returns>
    public string Scrape() => _client.GetStringAsync((Uri?)null).GetAwaiter().GetResult();

    /// <summary>Requests another path.</summary>
    /// <param name="path">The path.</param>
    public string Get(string path) => _client.GetStringAsync(new Uri(path, UriKind.Relative)).GetAwaiter().GetResult();

    /// <summary>Scrapes once in the format that Prometheus prefers.</summary>
    /// <returns>The page.</returns>
    public string ScrapeOpenMetrics()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, (Uri?)null);
        request.Headers.Accept.ParseAdd("application/openmetrics-text; version=1.0.0");
        using var answer = _client.Send(request);
        using var page = new StreamReader(answer.Content.ReadAsStream());
        return page.ReadToEnd();
    }

    /// <summary>Scrapes once and returns a value.</summary>
    /// <param name="metric">A series on the page.</param>
    /// <returns>Its value.</returns>
    public double Scrape(string metric) => Find(metric) ?? throw new InvalidOperationException($"{Name} does not tell {metric}");

    /// <summary>Scrapes once and returns a value if it exists.</summary>
    /// <param name="metric">A series that may be missing.</param>
    /// <returns>Its value, or null.</returns>
    public double? Find(string metric)
    {
        var line = Scrape().Split('\n').FirstOrDefault(line => line.StartsWith(metric + " ", StringComparison.Ordinal));
        return line is null ? null : double.Parse(line.AsSpan(metric.Length), CultureInfo.InvariantCulture);
    }

    /// <summary>Memory of the process in MB (10^6 bytes).</summary>
    /// <param name="kind">Rss or Pss.</param>
    public double Megabytes(string kind)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/smaps_rollup").First(line => line.StartsWith(kind + ":", StringComparison.Ordinal));
        return double.Parse(line[(kind.Length + 1)..^"kB".Length], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    /// <summary>Suspends it (SIGSTOP), so it does not run during a measurement.</summary>
    public void Halt() => Signal("STOP");

    /// <summary>Resumes it.</summary>
    public void Continue() => Signal("CONT");

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    private void Signal(string signal) => Sandbox.Execute("kill", "-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture));

    private void WaitUntilAnswers()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Scrape();
                return;
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException && !_process.HasExited && Stopwatch.GetElapsedTime(start).TotalSeconds < 15)
            {
                Thread.Sleep(2);
            }
        }
    }
}
