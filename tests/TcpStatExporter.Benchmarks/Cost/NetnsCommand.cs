using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// What other network namespaces cost, each with three listeners and five connections: both tiers, beside a C program that does
/// the same reads, and beside the naive way, four files and a dump for each namespace every second.
/// </summary>
internal static class NetnsCommand
{
    /// <summary>The command that runs it.</summary>
    public const string Name = "netns";

    private const string NamespacesFlag = "--namespaces";
    private const string SecondsFlag = "--seconds";

    /// <summary>Seconds between two reads of the counters, and between two dumps of the listeners.</summary>
    private const int CounterPace = 15;
    private const int DumpPace = 30;

    /// <summary>In its first minute, a namespace costs more: its name may still change.</summary>
    private static readonly TimeSpan NamingTime = TimeSpan.FromSeconds(70);

    /// <summary>Flags that it knows.</summary>
    public static string[] Flags { get; } = [NamespacesFlag, SecondsFlag];

    /// <summary>Runs it.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 if every goal was reached.</returns>
    public static int Run(Flags flags)
    {
        var seconds = (int)flags.Numbers(SecondsFlag, 60)[0];
        var goals = new Goals();
        var table = new Table("namespaces", "counters tier", "listeners tier", "C: the same reads", "C: naive", "listeners tier, kB a namespace", "bytes a tick", "one scan, ms");
        var pids = new List<int>();

        var names = Directory.CreateTempSubdirectory("tcpstat-names-").FullName;
        Sandbox.Execute("mount", "-t", "tmpfs", "tmpfs", names);
        foreach (var count in flags.Numbers(NamespacesFlag, 200, 1000).Select(number => (int)number))
        {
            pids.AddRange(NetnsHolder.Start(pids.Count, count, names));
            Measure(count, seconds, pids, names, table, goals);
        }

        Console.WriteLine($"CPU in percent of a core, {seconds} s each, a read a second, all in turn");
        Console.WriteLine();
        table.Print();
        goals.Print();
        return goals.ExitCode;
    }

    private static void Measure(int count, int seconds, List<int> pids, string names, Table table, Goals goals)
    {
        using var minimal = new NetnsReads(pids);
        using var counters = Watch(NetnsMode.Counters, names);
        counters.RunDue();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var listeners = Watch(NetnsMode.Listeners, names);
        var settled = Stopwatch.GetTimestamp();
        while (listeners.Totals.ListenersSampled < count || Stopwatch.GetElapsedTime(settled) < NamingTime)
        {
            listeners.RunDue();
            counters.RunDue();
            Thread.Sleep(250);
        }

        var memory = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        var (ofCounters, ofListeners, same, naive) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var allocated = long.MaxValue;
        for (var second = 0; second < seconds; second++)
        {
            Thread.Sleep(1000);
            var start = ThreadCpuClock.Now();
            counters.RunDue();
            ofCounters += ThreadCpuClock.Now() - start;
            start = ThreadCpuClock.Now();
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            listeners.RunDue();
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - bytes);
            ofListeners += ThreadCpuClock.Now() - start;
            same += minimal.Read('l');
            same += second % CounterPace == 0 ? minimal.Read('f') : TimeSpan.Zero;
            same += second % DumpPace == 0 ? minimal.Read('d') : TimeSpan.Zero;
            naive += minimal.Read('f') + minimal.Read('d');
        }

        table.Add($"{count:N0}", Percent(ofCounters), Percent(ofListeners), Percent(same), Percent(naive), $"{memory / 1024:0.0}", $"{allocated}", $"{Scan(pids[0]).TotalMilliseconds:0.00}");
        goals.AtMost(count <= 200 ? 0.25 : 1, 100 * ofCounters.TotalSeconds / seconds, $"counters tier, {count:N0} namespaces", "% of a core");
        goals.AtMost(count <= 200 ? 0.7 : 5, 100 * ofListeners.TotalSeconds / seconds, $"listeners tier, {count:N0} namespaces", "% of a core");
        goals.AtMost(60, memory / 1024, $"managed memory, listeners tier, {count:N0} namespaces", "kB each");
        goals.AtMost(0, allocated, $"allocated by a tick, {count:N0} namespaces", "bytes");

        string Percent(TimeSpan cpu) => $"{100 * cpu.TotalSeconds / seconds:0.00} %";
    }

    /// <summary>CPU time of a scan of all sockets of one namespace, the median of several.</summary>
    private static TimeSpan Scan(int pid)
    {
        if (!NetNamespace.TryOpen($"/proc/{pid}/ns/net", out var net, out var errno))
        {
            throw new InvalidOperationException($"The namespace of process {pid} cannot be opened (errno {errno}).");
        }

        using (net)
        {
            net.TryOpenNetlink(out var socket, out _, out _);
            using (socket)
            {
                var times = new List<TimeSpan>();
                for (var i = 0; i < 21; i++)
                {
                    Thread.Sleep(100);
                    var visitor = new Count();
                    var start = ThreadCpuClock.Now();
                    _ = socket!.Dump(InetDiagRequest.Sweep, ref visitor);
                    times.Add(ThreadCpuClock.Now() - start);
                }

                times.Sort();
                return times[times.Count / 2];
            }
        }
    }

    private struct Count : ITcpSocketVisitor
    {
        private int _sockets;

        public bool Visit(in TcpSocket socket) => ++_sockets > 0;
    }

    private static NetnsWatch Watch(NetnsMode mode, string names) => new(
        new NetnsOptions { Mode = mode, OpenFiles = 20_000, NamedFolder = names },
        TimeSpan.FromMinutes(1),
        TimeProvider.System,
        NullLogger<NetnsWatch>.Instance,
        opener: mode == NetnsMode.Listeners ? new NetnsSelfOpener() : null);
}
