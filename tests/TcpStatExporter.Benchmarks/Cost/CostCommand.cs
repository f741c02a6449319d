using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling.SockDiag;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// Measures the cost of the running exporter on a host with many connections, at one sample per second: the whole daemon,
/// compared with node_exporter at one scrape per second, and with a minimal C program that does the reads of one sample once
/// per second. Each runs alone for a while, all in one run. Also measures the same reads with warm caches: each one twice in
/// a row, alternating between the programs.
/// </summary>
internal static class CostCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "cost";

    private const string SocketsFlag = "--connections";
    private const string RoundsFlag = "--rounds";
    private const string IdleFlag = "--idle-seconds";
    private const string ExporterFlag = "--exporter";
    private const string SecondsFlag = "--seconds";

    /// <summary>node_exporter is not scraped every second if a scrape takes longer.</summary>
    private const int MostForNodeExporter = 300_000;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(90);

    /// <summary>Its flags.</summary>
    public static string[] Flags { get; } = [SocketsFlag, RoundsFlag, IdleFlag, SecondsFlag, ExporterFlag];

    /// <summary>Runs the command.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 if all goals were reached.</returns>
    public static int Run(Flags flags)
    {
        var sizes = flags.Numbers(SocketsFlag, 100_000, 300_000, 1_000_000).Select(size => (int)size).Order().ToArray();
        var rounds = (int)flags.Numbers(RoundsFlag, 21)[0];
        var idle = TimeSpan.FromSeconds(flags.Numbers(IdleFlag, 60)[0]);
        var seconds = (int)flags.Numbers(SecondsFlag, 30)[0];
        var goals = new Goals();
        Console.WriteLine($"{Environment.ProcessorCount} cores, Linux {Environment.OSVersion.Version}, {RuntimeInformation.FrameworkDescription}. CPU times are user and system together.");
        Console.WriteLine();

        using var population = new Population();
        using var daemon = Server.Exporter(flags.Text(ExporterFlag, ""));
        using var minimal = new MinimalReads();
        Idle(daemon, minimal, idle, goals);
        var atNothing = Resident(daemon);
        daemon.Halt();

        using var nodeExporter = Server.NodeExporter();
        using var ticks = new Ticks();
        population.GrowTo(1000);
        WarmUp(ticks, minimal, nodeExporter);
        Compare(population, ticks, nodeExporter, minimal, rounds * 10, goals);

        foreach (var size in sizes)
        {
            population.GrowTo(size);
            OnceASecond(population, daemon, nodeExporter, minimal, ticks, seconds, goals);
            Compare(population, ticks, nodeExporter, minimal, rounds, goals);
            Allocation(population, ticks, rounds, goals);
            if (size == sizes[0])
            {
                Listeners(population, goals);
            }
        }

        daemon.Continue();
        AtMany(daemon, population, atNothing, goals);
        goals.Print();
        return goals.ExitCode;
    }

    /// <summary>
    /// Measures the daemon without sockets, and the minimal C program once per second, to show the kernel's share.
    /// </summary>
    private static void Idle(Server daemon, MinimalReads minimal, TimeSpan duration, Goals goals)
    {
        // warm-up: enough ticks and scrapes for the final compilation of its code
        Every(Second, TimeSpan.FromSeconds(60), () => daemon.Scrape());
        var seconds = 0;
        var reads = TimeSpan.Zero;
        var start = daemon.Cpu;
        Every(TimeSpan.FromSeconds(1), duration, () =>
        {
            reads += minimal.Read();
            _ = ++seconds % 15 == 0 ? daemon.Scrape() : "";
        });
        var percent = (daemon.Cpu - start) / duration * 100;
        Console.WriteLine($"Idle host, {duration.TotalSeconds:0} s: the whole daemon, scraped each 15 s, {percent:0.000} % of a core; minimal C, the same reads once a second, {reads / duration * 100:0.000} %");
        Console.WriteLine();
        goals.AtMost(0.3, percent, $"daemon on an idle host over {duration.TotalSeconds:0} s, scraped each 15 s", "% of a core");
    }

    /// <summary>Returns the resident memory in MB, averaged over one minute, because some work happens once a minute.</summary>
    private static double Resident(Server daemon)
    {
        var megabytes = new List<double>();
        Every(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), () =>
        {
            daemon.Scrape();
            megabytes.Add(daemon.Megabytes("Rss"));
        });
        return megabytes.Average();
    }

    /// <summary>
    /// Waits for the final compilation of the exporter's code. The runtime compiles in the background, after 30 calls and a
    /// quiet tenth of a second.
    /// </summary>
    private static void WarmUp(Ticks ticks, MinimalReads minimal, Server nodeExporter)
    {
        for (var i = 0; i < 400; i++)
        {
            ticks.Tick();
            ticks.Sweep();
            minimal.Read();
            Thread.Sleep(5);
        }

        nodeExporter.Scrape();
    }

    /// <summary>
    /// Runs each side alone for a while, at one sample or scrape per second, so other work has replaced the contents of the
    /// caches.
    /// </summary>
    private static void OnceASecond(Population population, Server daemon, Server nodeExporter, MinimalReads minimal, Ticks ticks, int seconds, Goals goals)
    {
        var name = $"{population.Sockets:N0} sockets";
        var duration = Second * seconds;
        var minimalReads = CpuOf(() => minimal.Read());
        var samples = CpuOf(ticks.Tick);
        double? node = population.Sockets <= MostForNodeExporter ? CpuOf(() => CpuOfScrape(nodeExporter)) : null;
        daemon.Continue();
        var (whole, age, time) = WholeDaemon(daemon, duration);
        daemon.Halt();

        Console.WriteLine($"{name} in ESTABLISHED, one sample a second; the daemon over {time.TotalSeconds:0} s, from one sweep to another, scraped each 15 s, the others over {seconds} s; states were at most {age:0} s old");
        Console.WriteLine();
        var table = new Table("side", "CPU ms a second", "% of a core", "times the daemon");
        Add("exporter: the whole daemon, sweeps and scrapes included", whole);
        Add("node_exporter, scraped once a second", node);
        Add("one sample that counts the sockets, each second", samples);
        Add("minimal C, the reads of such a sample, each second", minimalReads);
        table.Print();
        if (node is { } known)
        {
            goals.AtLeast(population.Sockets >= 100_000 ? 20 : 0, known / whole, $"{name}, once a second: node_exporter by the whole daemon", "times");
        }

        goals.AtMost(1.2, whole / 10, $"{name}, one sample a second: the whole daemon", "% of a core");

        void Add(string side, double? milliseconds) => table.Add(
            side,
            milliseconds is null ? "" : $"{milliseconds:0.00}",
            milliseconds is null ? "" : $"{milliseconds / 10:0.00}",
            milliseconds is null ? "" : $"{milliseconds / whole:0.0}");

        double CpuOf(Func<TimeSpan> side)
        {
            var used = TimeSpan.Zero;
            Every(Second, duration, () => used += side());
            return used.TotalMilliseconds / seconds;
        }
    }

    /// <summary>
    /// Returns the CPU time of the daemon in milliseconds per second, from the end of one sweep to the end of another, so it
    /// includes the right number of sweeps.
    /// </summary>
    private static (double Milliseconds, double Age, TimeSpan Time) WholeDaemon(Server daemon, TimeSpan shortest)
    {
        // exclude the saved budget and the cost of counting the change, because they are not the steady state
        Every(ScrapeInterval, Settling, () => daemon.Scrape());
        var age = 0.0;
        WaitForSweep();
        var (start, cpu) = (TimeProvider.System.GetTimestamp(), daemon.Cpu);
        age = 0;
        do
        {
            WaitForSweep();
        }
        while (TimeProvider.System.GetElapsedTime(start) < shortest);

        var time = TimeProvider.System.GetElapsedTime(start);
        return ((daemon.Cpu - cpu).TotalMilliseconds / time.TotalSeconds, age, time);

        void WaitForSweep()
        {
            var last = daemon.Scrape("tcpstat_last_sweep_timestamp_seconds");
            Every(ScrapeInterval, TimeSpan.FromMinutes(20), () =>
            {
                // absent if the machine delayed the daemon's last samples
                age = Math.Max(age, daemon.Find("tcpstat_states_age_seconds") ?? 0);
                return daemon.Scrape("tcpstat_last_sweep_timestamp_seconds") <= last;
            });
        }
    }

    private static void Compare(Population population, Ticks ticks, Server nodeExporter, MinimalReads minimal, int rounds, Goals goals)
    {
        var times = Median.InTurn(rounds, ticks.Tick, () => CpuOfScrape(nodeExporter), minimal.Read);
        var (exporter, node, c) = (times[0], times[1], times[2]);
        var sample = ticks.Sample;
        var name = $"{population.Sockets:N0} sockets";
        Console.WriteLine($"{name} in ESTABLISHED (the exporter counted {sample.Kernel.States[TcpState.Established]:N0}, {sample.Kernel.Listeners.Count} listeners); with warm caches: each done twice in a row and measured the second time; medians of {rounds} rounds, sides in turn, ratios by round");
        Console.WriteLine();
        var table = new Table("side", "CPU ms", "least", "times the exporter");
        Add("exporter, one sample", exporter);
        Add("node_exporter, one scrape", node);
        Add("minimal C, the same reads", c);
        table.Print();
        if (population.Sockets >= 100_000)
        {
            goals.AtLeast(18, Median.Ratio(node, exporter), $"{name}, warm: node_exporter by exporter", "times");
            goals.AtMost(1.25, Median.Ratio(exporter, c), $"{name}, warm: exporter by minimal C", "times");
        }
        else
        {
            goals.AtMost(1, Median.Of(exporter), $"{name}, warm: one sample", "ms");
        }

        void Add(string side, List<double> values) =>
            table.Add(side, $"{Median.Of(values):0.000}", $"{values.Min():0.000}", $"{Median.Ratio(values, exporter):0.00}");
    }

    private static TimeSpan CpuOfScrape(Server server)
    {
        var start = server.Cpu;
        _ = server.Scrape();

        // it may still be collecting garbage
        Thread.Sleep(20);
        return server.Cpu - start;
    }

    private static void Allocation(Population population, Ticks ticks, int rounds, Goals goals)
    {
        // tables grow once to the size of the population
        ticks.Tick();
        ticks.Sweep();
        var start = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < rounds; i++)
        {
            for (var n = 0; n < 10; n++)
            {
                ticks.Tick();
            }

            ticks.Sweep();
        }

        goals.AtMost(0, GC.GetAllocatedBytesForCurrentThread() - start, $"{population.Sockets:N0} sockets: allocated by {rounds * 10} ticks and {rounds} sweeps", "bytes");
    }

    private static void Listeners(Population population, Goals goals)
    {
        using var ticks = new Ticks(listenersMax: 1000);
        using var source = new SockDiagListenerSource(NetNamespace.OfProcfs("/proc"), CancellationToken.None);
        var snapshot = new TcpSnapshot();
        var table = new Table("listeners", "read, ms", "read, remembered and published, ms");
        foreach (var (count, goal) in new[] { (10, 0.1), (1000, 2) })
        {
            source.Read(snapshot);
            using var listeners = new ListenerSet(Math.Max(0, count - snapshot.Listeners.Count));
            for (var i = 0; i < 200; i++)
            {
                Read();
                ticks.Listeners();
                Thread.Sleep(2);
            }

            var times = Median.InTurn(200, Read, ticks.Listeners);
            var (read, published) = (Median.Of(times[0]), Median.Of(times[1]));
            table.Add($"{ticks.Sample.Kernel.Listeners.Count:N0}", $"{read:0.000}", $"{published:0.000}");
            goals.AtMost(goal, read, $"{population.Sockets:N0} sockets: read of {count:N0} listeners", "ms");
            goals.AtMost(goal, published, $"{population.Sockets:N0} sockets: {count:N0} listeners read, remembered, published", "ms");
        }

        Console.WriteLine($"Listeners with {population.Sockets:N0} sockets in ESTABLISHED; CPU, medians of 200");
        Console.WriteLine();
        table.Print();

        TimeSpan Read()
        {
            var start = ThreadCpuClock.Now();
            source.Read(snapshot);
            return ThreadCpuClock.Now() - start;
        }
    }

    /// <summary>
    /// Measures the daemon with a population that appeared after it started, once it has sampled it often enough.
    /// </summary>
    private static void AtMany(Server daemon, Population population, double atNothing, Goals goals)
    {
        var sweeps = 0;
        var last = daemon.Scrape("tcpstat_last_sweep_timestamp_seconds");
        var ticks = daemon.Scrape("tcpstat_samples_total");
        var limit = TimeSpan.FromMinutes(15);
        Every(TimeSpan.FromSeconds(1), limit, () =>
        {
            var now = daemon.Scrape("tcpstat_last_sweep_timestamp_seconds");
            sweeps += now > last ? 1 : 0;
            last = now;
            return sweeps == 0 || daemon.Scrape("tcpstat_samples_total") < ticks + 60;
        });
        ticks = daemon.Scrape("tcpstat_samples_total") - ticks;
        var atMany = Resident(daemon);
        Console.WriteLine($"Resident memory of the daemon, mean of a minute: {atNothing:0.0} MB with nothing to look at, {atMany:0.0} MB after {ticks} ticks and {sweeps} sweeps of {population.Sockets:N0} sockets.");
        goals.AtMost(5, atMany - atNothing, $"resident memory at {population.Sockets:N0} sockets above that at none", "MB");
    }

    private static void Every(TimeSpan pause, TimeSpan duration, Action action) => Every(pause, duration, () =>
    {
        action();
        return true;
    });

    /// <summary>Repeats an action at a steady interval, until the time is up or the action returns false.</summary>
    private static void Every(TimeSpan pause, TimeSpan duration, Func<bool> action)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var due = pause; due <= duration; due += pause)
        {
            var wait = due - TimeProvider.System.GetElapsedTime(start);
            Thread.Sleep(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            if (!action())
            {
                return;
            }
        }
    }
}
