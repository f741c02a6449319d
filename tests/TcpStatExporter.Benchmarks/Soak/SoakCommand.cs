using System.Diagnostics;
using System.Globalization;
using TcpStatExporter.Benchmarks.Cost;

namespace TcpStatExporter.Benchmarks.Soak;

/// <summary>
/// Checks whether anything grows or is missed while an exporter runs for a long time: scraped every second under a steady
/// load, it reports values at the start (after two minutes), at the end, and their maximum. Run by hand, usually for one
/// hour.
/// </summary>
internal static class SoakCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "soak";

    private const string MinutesFlag = "--minutes";
    private const string ExporterFlag = "--exporter";

    private static readonly TimeSpan Warmup = TimeSpan.FromMinutes(2);

    private static readonly (string Name, string Metric, double Unit)[] Levels =
    [
        ("resident memory, MB", "process_resident_memory_bytes", 1e6),
        ("managed heap, MB", "dotnet_gc_heap_size_bytes", 1e6),
        ("descriptors", "process_open_fds", 1),
        ("threads", "process_threads", 1),
    ];

    private static readonly (string Name, string Metric)[] Counters =
    [
        ("samples", "tcpstat_samples_total"),
        ("missed samples", "tcpstat_samples_missed_total"),
        ("collections, generation 0", "dotnet_gc_collections_total{generation=\"0\"}"),
        ("collections, generation 1", "dotnet_gc_collections_total{generation=\"1\"}"),
        ("collections, generation 2", "dotnet_gc_collections_total{generation=\"2\"}"),
        ("MB allocated", "dotnet_gc_allocated_bytes_total"),
        ("CPU seconds", "process_cpu_seconds_total"),
        ("lost log lines", "tcpstat_log_lines_dropped_total"),
    ];

    /// <summary>
    /// Its flags: the duration, and the path of a published exporter. Default: the exporter next to this program.
    /// </summary>
    public static string[] Flags { get; } = [MinutesFlag, ExporterFlag];

    /// <summary>Runs the command.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 if all goals were reached.</returns>
    public static int Run(Flags flags)
    {
        var duration = TimeSpan.FromMinutes(flags.Numbers(MinutesFlag, 60)[0]);
        using var load = new LoopbackLoad();
        using var server = Server.Exporter(flags.Text(ExporterFlag, ""));
        var warmup = duration < 10 * Warmup ? duration / 10 : Warmup;
        Scrape(server, warmup, observe: null);

        var start = Values(server.Scrape());
        var most = new Dictionary<string, double>(start, StringComparer.Ordinal);
        var slowest = Scrape(server, duration - warmup, page =>
        {
            foreach (var (metric, value) in Values(page))
            {
                most[metric] = Math.Max(most.GetValueOrDefault(metric), value);
            }
        });
        var end = Values(server.Scrape());
        Print(start, end, most);
        Console.WriteLine($"{duration.TotalMinutes:0} minutes, {load.Connections:N0} connections, slowest scrape {slowest.TotalMilliseconds:0} ms");

        var goals = new Goals();
        goals.AtMost(1.1, end["process_resident_memory_bytes"] / start["process_resident_memory_bytes"], "resident memory, end by start", "");
        goals.AtMost(4, end["process_open_fds"] - start["process_open_fds"], "descriptors more than at the start", "");
        goals.AtMost(4, end["process_threads"] - start["process_threads"], "threads more than at the start", "");
        var missed = end["tcpstat_samples_missed_total"] - start["tcpstat_samples_missed_total"];
        goals.AtMost(0.1, missed / (missed + end["tcpstat_samples_total"] - start["tcpstat_samples_total"]) * 100, "missed samples", "%");
        goals.Print();
        return goals.ExitCode;
    }

    /// <summary>Scrapes every second, and sometimes requests what people look at.</summary>
    /// <returns>Duration of the slowest scrape.</returns>
    private static TimeSpan Scrape(Server server, TimeSpan duration, Action<string>? observe)
    {
        var slowest = TimeSpan.Zero;
        var start = Stopwatch.GetTimestamp();
        for (var i = 1; Stopwatch.GetElapsedTime(start) < duration; i++)
        {
            Thread.Sleep(TimeSpan.FromSeconds(1));
            var asked = Stopwatch.GetTimestamp();
            var page = server.Scrape();
            slowest = Stopwatch.GetElapsedTime(asked) is var time && time > slowest ? time : slowest;
            observe?.Invoke(page);
            if (i % 5 == 0)
            {
                _ = server.Get("/");
                _ = server.Get("/api/v1/view");
            }
        }

        return slowest;
    }

    private static void Print(Dictionary<string, double> start, Dictionary<string, double> end, Dictionary<string, double> most)
    {
        var table = new Table("figure", "start", "end", "largest");
        foreach (var (name, metric, unit) in Levels)
        {
            table.Add(name, $"{start[metric] / unit:0.#}", $"{end[metric] / unit:0.#}", $"{most[metric] / unit:0.#}");
        }

        foreach (var (name, metric) in Counters)
        {
            var unit = metric.Contains("bytes", StringComparison.Ordinal) ? 1e6 : 1;
            table.Add(name, $"{start[metric] / unit:0.#}", $"{end[metric] / unit:0.#}", "");
        }

        table.Print();
    }

    private static Dictionary<string, double> Values(string page)
    {
        var wanted = Levels.Select(level => level.Metric).Concat(Counters.Select(counter => counter.Metric)).ToHashSet(StringComparer.Ordinal);
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in page.Split('\n'))
        {
            var space = line.LastIndexOf(' ');
            if (space > 0 && wanted.Contains(line[..space]))
            {
                values[line[..space]] = double.Parse(line.AsSpan(space), NumberStyles.Float, CultureInfo.InvariantCulture);
            }
        }

        return values;
    }
}
