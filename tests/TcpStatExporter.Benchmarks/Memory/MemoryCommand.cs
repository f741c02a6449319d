using TcpStatExporter.Benchmarks.Cost;

namespace TcpStatExporter.Benchmarks.Memory;

/// <summary>
/// Measures published exporters on an idle host with some listeners, compared with node_exporter, in one run: time to the
/// first answer, then CPU at one scrape every 15 s, then memory at one scrape per second, in Prometheus's format.
/// </summary>
internal static class MemoryCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "memory";

    private const string MinutesFlag = "--minutes";
    private const string ExporterFlag = "--exporter";
    private const string NativeFlag = "--native";
    private const string ListenersFlag = "--listeners";
    private const string IdleFlag = "--idle-seconds";

    private const double ReadyToRunGoal = 42;
    private const double NativeGoal = 18;
    private const double NativeStartGoal = 40;
    private const double CpuGoal = 0.3;

    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Its flags: paths of ReadyToRun and native programs, separated by commas, the number of listeners, and the duration.
    /// </summary>
    public static string[] Flags { get; } = [MinutesFlag, ExporterFlag, NativeFlag, ListenersFlag, IdleFlag];

    /// <summary>Runs the command.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 if all goals were reached.</returns>
    public static int Run(Flags flags)
    {
        using var listeners = new ListenerSet((int)flags.Numbers(ListenersFlag, 50)[0]);
        var goals = new Goals();
        var programs = Paths(ExporterFlag).Select(path => (Goal: ReadyToRunGoal, Start: new Func<Server>(() => Server.Exporter(path))))
            .Concat(Paths(NativeFlag).Select(path => (Goal: NativeGoal, Start: new Func<Server>(() => Server.Exporter(path)))))
            .Append((Goal: double.NaN, Start: Server.NodeExporter))
            .ToArray();

        // start each one a few times for the median, with its file in the page cache
        var starts = programs.Select(program => Median.Of(Enumerable.Range(0, 5).Select(_ => StartTime(program.Start)))).ToArray();
        var servers = programs.Select(program => program.Start()).ToArray();
        var cpu = Idle(servers, TimeSpan.FromSeconds(flags.Numbers(IdleFlag, 60)[0]));
        var memory = ScrapeEachSecond(servers, TimeSpan.FromMinutes(flags.Numbers(MinutesFlag, 1)[0]));

        var table = new Table("program", "RSS MB", "PSS MB", "CPU % of a core", "first answer, ms");
        for (var i = 0; i < servers.Length; i++)
        {
            var (name, (rss, pss)) = (servers[i].Name, memory[i]);
            table.Add(name, $"{rss:0.0}", $"{pss:0.0}", $"{cpu[i]:0.000}", $"{starts[i]:0}");
            if (!double.IsNaN(programs[i].Goal))
            {
                goals.AtMost(programs[i].Goal, rss, $"resident memory of {name}", "MB");
                if (programs[i].Goal == NativeGoal)
                {
                    goals.AtMost(NativeStartGoal, starts[i], $"first answer of {name}", "ms");
                }

                goals.AtMost(CpuGoal, cpu[i], $"CPU of {name}, scraped each 15 s", "% of a core");
            }
        }

        table.Print();
        goals.Print();
        Array.ForEach(servers, server => server.Dispose());
        return goals.ExitCode;

        string[] Paths(string flag) => flags.Text(flag, "").Split(',', StringSplitOptions.RemoveEmptyEntries);
    }

    private static double StartTime(Func<Server> start)
    {
        using var server = start();
        return server.StartTime.TotalMilliseconds;
    }

    /// <summary>Returns how many percent of a core each one uses at a normal scrape interval.</summary>
    private static double[] Idle(Server[] servers, TimeSpan duration)
    {
        Thread.Sleep(Warmup);
        var cpu = servers.Select(server => server.Cpu).ToArray();
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            Thread.Sleep(ScrapeInterval);
            Array.ForEach(servers, server => _ = server.Scrape());
        }

        var elapsed = TimeProvider.System.GetElapsedTime(start);
        return [.. servers.Select((server, i) => (server.Cpu - cpu[i]) / elapsed * 100)];
    }

    /// <summary>Returns the memory in MB, averaged over the last minute, because some work happens once a minute.</summary>
    private static (double Rss, double Pss)[] ScrapeEachSecond(Server[] servers, TimeSpan duration)
    {
        var seen = servers.Select(_ => new List<(double Rss, double Pss)>()).ToArray();
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            Thread.Sleep(TimeSpan.FromSeconds(1));
            for (var i = 0; i < servers.Length; i++)
            {
                servers[i].Scrape();
                seen[i].Add((servers[i].Megabytes("Rss"), servers[i].Megabytes("Pss")));
            }
        }

        return [.. seen.Select(server => server.TakeLast(60).ToArray()).Select(last => (last.Average(memory => memory.Rss), last.Average(memory => memory.Pss)))];
    }
}
