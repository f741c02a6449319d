using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// What other network namespaces cost, each with three listeners and five connections: both tiers, beside a C program that does
/// the same reads, and beside the naive way, four files and a dump for each namespace every second.
/// </summary>
internal static partial class NetnsCommand
{
    /// <summary>The command that runs it.</summary>
    public const string Name = "netns";

    /// <summary>The command that holds the sockets.</summary>
    public const string HolderName = "netns-holder";

    private const string NamespacesFlag = "--namespaces";
    private const string SecondsFlag = "--seconds";
    private const int Listeners = 3;
    private const int Connections = 5;
    private const int Port = 20_000;

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
        var table = new Table("namespaces", "counters tier", "listeners tier", "C: the same reads", "C: naive", "listeners tier, kB a namespace", "bytes a tick");
        var pids = new List<int>();

        // names, so that each has an account of its own. The mount is gone with the sandbox
        var names = Directory.CreateTempSubdirectory("tcpstat-names-").FullName;
        Sandbox.Execute("mount", "-t", "tmpfs", "tmpfs", names);
        foreach (var count in flags.Numbers(NamespacesFlag, 200, 1000).Select(number => (int)number))
        {
            pids.AddRange(Hold(pids.Count, count, names));
            Measure(count, seconds, pids, names, table, goals);
        }

        Console.WriteLine($"CPU in percent of a core, {seconds} s each, a read a second, all in turn");
        Console.WriteLine();
        table.Print();
        goals.Print();
        return goals.ExitCode;
    }

    /// <summary>Creates namespaces and holds their sockets, in a process of its own: thousands of open files.</summary>
    /// <param name="args">The first and last number of a namespace, and the folder of their names.</param>
    /// <returns>Never: the sandbox ends it.</returns>
    public static int RunHolder(string[] args)
    {
        var held = new List<Socket>();
        for (var number = int.Parse(args[1], CultureInfo.InvariantCulture); number < int.Parse(args[2], CultureInfo.InvariantCulture); number++)
        {
            Console.WriteLine(Create(held, Path.Combine(args[3], string.Create(CultureInfo.InvariantCulture, $"n{number}"))).ToString(CultureInfo.InvariantCulture));
        }

        Thread.Sleep(Timeout.Infinite);
        return held.Count;
    }

    private static IEnumerable<int> Hold(int first, int last, string names)
    {
        string[] arguments = [.. Sandbox.Self, HolderName, $"{first}", $"{last}", names];
        var holder = Process.Start(new ProcessStartInfo(arguments[0], arguments[1..]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        return [.. Enumerable.Range(first, last - first).Select(_ => int.Parse(holder.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture))];
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

        table.Add($"{count:N0}", Percent(ofCounters), Percent(ofListeners), Percent(same), Percent(naive), $"{memory / 1024:0.0}", $"{allocated}");
        goals.AtMost(count <= 200 ? 0.25 : 1, 100 * ofCounters.TotalSeconds / seconds, $"counters tier, {count:N0} namespaces", "% of a core");
        goals.AtMost(count <= 200 ? 0.7 : 5, 100 * ofListeners.TotalSeconds / seconds, $"listeners tier, {count:N0} namespaces", "% of a core");
        goals.AtMost(60, memory / 1024, $"managed memory, listeners tier, {count:N0} namespaces", "kB each");
        goals.AtMost(0, allocated, $"allocated by a tick, {count:N0} namespaces", "bytes");

        string Percent(TimeSpan cpu) => $"{100 * cpu.TotalSeconds / seconds:0.00} %";
    }

    private static NetnsWatch Watch(NetnsMode mode, string names) => new(
        new NetnsOptions { Mode = mode, OpenFiles = 20_000, NamedFolder = names },
        TimeSpan.FromMinutes(1),
        TimeProvider.System,
        NullLogger<NetnsWatch>.Instance,
        opener: mode == NetnsMode.Listeners ? new NetnsSelfOpener() : null);

    /// <summary>A process in a namespace of its own, with sockets that this process holds.</summary>
    private static int Create(List<Socket> held, string name)
    {
        File.WriteAllText(name, "");
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "ip link set lo up; mount --bind /proc/self/ns/net $0; echo up; exec sleep 1000000", name]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        process.StandardOutput.ReadLine();
        var thread = new Thread(() =>
        {
            using var place = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/ns/net"));
            if (SetNamespace(place, 0x4000_0000) != 0)
            {
                throw new InvalidOperationException("setns");
            }

            var listeners = Enumerable.Range(0, Listeners).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
            held.AddRange(listeners);
            for (var i = 0; i < Listeners; i++)
            {
                var listener = listeners[i];
                listener.Bind(new IPEndPoint(IPAddress.Any, Port + i));
                listener.Listen(128);
            }

            for (var i = 0; i < Connections; i++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(new IPEndPoint(IPAddress.Loopback, Port));
                held.Add(client);
                held.Add(listeners[0].Accept());
            }
        });
        thread.Start();
        thread.Join();
        return process.Id;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(Microsoft.Win32.SafeHandles.SafeFileHandle file, int type);
}
