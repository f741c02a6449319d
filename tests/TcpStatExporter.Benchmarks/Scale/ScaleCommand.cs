using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TcpStatExporter.Benchmarks.Cost;

namespace TcpStatExporter.Benchmarks.Scale;

/// <summary>
/// Measures what many exporters cost one Prometheus: CPU, memory and rule evaluation by number of targets. Their page comes
/// from the exporter itself, with listeners and connections, and with pods if wanted. Rule evaluation is reported as an average and at its best, with
/// the shortest time of each group. Other load on the machine affects the best time least.
/// </summary>
internal static class ScaleCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "scale";

    private const string TargetsFlag = "--targets";
    private const string ListenersFlag = "--listeners";
    private const string IntervalFlag = "--interval";
    private const string MinutesFlag = "--minutes";
    private const string WarmUpFlag = "--warm-up";
    private const string RulesFlag = "--rules";
    private const string PodsFlag = "--pods";
    private const string SeriesFlag = "--netns.series";

    /// <summary>Where the exporter finds namespaces by name, and the opener's socket. The sandbox gets a /run of its own.</summary>
    private const string NamesOfNamespaces = "/run/netns";
    private const string OpenerSocket = "/run/opener";

    /// <summary>The filter in deploy/prometheus/remote-write.yml.</summary>
    private const string Kept = "{__name__=~\"instance:tcpstat_.+|listener:tcpstat_.+|tcpstat_build_info|tcpstat_netns_info|tcpstat_netns_in_trouble|ALERTS|ALERTS_FOR_STATE|up\"}";

    /// <summary>Its flags.</summary>
    public static string[] Flags { get; } = [TargetsFlag, ListenersFlag, IntervalFlag, MinutesFlag, WarmUpFlag, RulesFlag, PodsFlag, SeriesFlag];

    /// <summary>Runs the command.</summary>
    /// <param name="flags">
    /// Its flags: numbers of targets, listeners per target, seconds between scrapes, minutes to measure, and minutes before. Rules
    /// look back five minutes: until then they have less work. Pods per target have three listeners each. The first one is in
    /// trouble. Only it has series, or all have (trouble, all).
    /// </param>
    /// <returns>0.</returns>
    public static int Run(Flags flags)
    {
        var interval = TimeSpan.FromSeconds(flags.Numbers(IntervalFlag, 15)[0]);
        var duration = TimeSpan.FromMinutes(flags.Numbers(MinutesFlag, 3)[0]);
        var warmUp = TimeSpan.FromMinutes(flags.Numbers(WarmUpFlag, 5)[0]);
        var rules = Path.GetFullPath(flags.Text(RulesFlag, "alerts/tcpstat.rules.yml"));
        var replay = Page((int)flags.Numbers(ListenersFlag, 20)[0], (int)flags.Numbers(PodsFlag, 0)[0], flags.Text(SeriesFlag, "trouble"));
        var perListener = replay.ListenerSeries / replay.Listeners.Count;
        Console.WriteLine($"One exporter: {replay.Series} series, {perListener} for each of {replay.Listeners.Count} listeners, {replay.PodSeries} of pods and {replay.Series - replay.ListenerSeries - replay.PodSeries} of the host.");
        Console.WriteLine($"Scraped and evaluated each {interval.TotalSeconds} s, measured for {duration.TotalMinutes} minutes after {warmUp.TotalMinutes}.");
        Console.WriteLine();

        var table = new Table("targets", "series", "of rules", "samples/s", "CPU % of a core", "RSS MB", "rules, s a round", "at best", "rounds missed", "scrapes failed", "kept series", "load");
        foreach (var targets in flags.Numbers(TargetsFlag, 10, 100, 1000))
        {
            Measure(replay, rules, (int)targets, interval, warmUp, duration, table);
            table.Print();
        }

        return 0;
    }

    private static void Measure(Replay replay, string rules, int targets, TimeSpan interval, TimeSpan warmUp, TimeSpan duration, Table table)
    {
        var time = TimeProvider.System;
        var farm = TargetFarm.StartAsync(replay, time).GetAwaiter().GetResult();
        using var prometheus = new PrometheusServer(rules, targets, interval);
        Thread.Sleep(warmUp);

        var start = time.GetTimestamp();
        var before = prometheus.Metrics();
        var after = before;
        var resident = 0.0;
        var quickest = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var elapsed = TimeSpan.Zero; elapsed < duration; elapsed = time.GetElapsedTime(start))
        {
            Thread.Sleep(TimeSpan.FromSeconds(5));
            after = prometheus.Metrics();
            resident = Math.Max(resident, after["process_resident_memory_bytes"]);
            foreach (var (group, took) in after.Where(series => series.Key.StartsWith("prometheus_rule_group_last_duration_seconds{", StringComparison.Ordinal)))
            {
                quickest[group] = Math.Min(took, quickest.GetValueOrDefault(group, took));
            }
        }

        var seconds = time.GetElapsedTime(start).TotalSeconds;
        double Rate(string name) => (after[name] - before[name]) / seconds;
        table.Add(
            $"{targets}",
            $"{after["prometheus_tsdb_head_series"]:0}",
            $"{prometheus.Query("count({__name__=~\".+:.+\"})"):0}",
            $"{Rate("prometheus_tsdb_head_samples_appended_total"):0}",
            $"{Rate("process_cpu_seconds_total") * 100:0.0}",
            $"{resident / 1e6:0}",
            $"{Rate("prometheus_rule_group_duration_seconds_sum") * interval.TotalSeconds:0.000}",
            $"{quickest.Values.Sum():0.000}",
            $"{after["prometheus_rule_group_iterations_missed_total"] - before["prometheus_rule_group_iterations_missed_total"]:0}",
            $"{prometheus.Query("count(up == 0)"):0}",
            $"{prometheus.Query($"count({Kept})"):0}",
            File.ReadAllText("/proc/loadavg").Split(' ')[1]);
        farm.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Returns the page of an exporter with this many listeners, each with a few connections, and with this many pods.</summary>
    private static Replay Page(int listeners, int pods, string series)
    {
        string[] netns = ["--netns=off"];
        if (pods > 0)
        {
            Sandbox.Execute("mount", "-t", "tmpfs", "tmpfs", "/run");
            Directory.CreateDirectory(NamesOfNamespaces);
            NetnsHolder.Start(0, pods, NamesOfNamespaces, overflows: true);
            Process.Start(Server.BesideThis, ["opener", $"--socket={OpenerSocket}"]).Dispose();
            netns = ["--netns=listeners", $"--netns.series={series}", $"--netns.opener={OpenerSocket}"];
        }

        var sockets = new List<Socket>();
        for (var number = 0; number < listeners - 1; number++)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 20_001 + number));
            listener.Listen(128);
            sockets.Add(listener);
            for (var connection = 0; connection < 5; connection++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(listener.LocalEndPoint!);
                client.Send("hello"u8);
                sockets.Add(client);
                sockets.Add(listener.Accept());
            }
        }

        using var exporter = Server.Exporter(path: "", netns);

        // until pods have their names. Then their counters are 0 for 30 seconds after the first scrape
        Thread.Sleep(TimeSpan.FromSeconds(35));
        exporter.Scrape();
        Thread.Sleep(TimeSpan.FromSeconds(40)); // after a sweep and the advisor's first run
        var page = new Replay(exporter.ScrapeOpenMetrics());
        sockets.ForEach(socket => socket.Dispose());
        return page;
    }
}
