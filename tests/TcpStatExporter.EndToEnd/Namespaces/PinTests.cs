using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;
using Xunit;
using NetNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.EndToEnd.Namespaces;

/// <summary>Network namespaces end when their last process does, whether they are watched or not.</summary>
public sealed class PinTests
{
    private const int Count = 200;
    private const string Unit = "many.service";
    private const int SigKill = 9;

    /// <summary>A listener whose queue is full, and clients that try again.</summary>
    private const string Traffic =
        "socket(L,PF_INET,SOCK_STREAM,0);bind(L,sockaddr_in(80,INADDR_LOOPBACK));listen(L,1);"
        + "for(1..6){socket(my \\$c,PF_INET,SOCK_STREAM|2048,0);connect(\\$c,sockaddr_in(80,INADDR_LOOPBACK));push @c,\\$c}sleep 600";

    /// <summary>
    /// Less than what two hundred namespaces take. The runtime's figure differs by a megabyte from one collection to the next.
    /// </summary>
    private const long Slack = 3_000_000;

    [Fact]
    public void Two_hundred_namespaces_come_and_go_and_none_is_kept()
    {
        using var ns = NetNamespace.Create();
        using var cgroup = new Cgroup($"tcpstat-{Environment.ProcessId}.slice", Unit);
        using var watch = new NetnsWatch(
            new NetnsOptions { Mode = NetnsMode.Counters, Filter = new NetnsFilter([Unit], []), OpenFiles = 4000, Series = NetnsSeriesChoice.All },
            TimeSpan.FromMinutes(1),
            TimeProvider.System,
            NullLogger<NetnsWatch>.Instance);
        watch.RunNow();
        Row(watch).Namespaces.ShouldBe(0);
        var files = Descriptors();

        using var leftovers = new Leftovers(cgroup);

        // two rounds: what the first one leaves behind, the second one shows
        for (var round = 1; round <= 2; round++)
        {
            var pids = Start(cgroup);
            Batch(ns, pids.Select((pid, number) => $"link add t{number} type veth peer name t netns {pid}"));
            Wait.Until(() => Look(watch).Namespaces == Count, () => $"{Count} namespaces, not {Row(watch).Namespaces}");
            Links(ns).ShouldBe(Count);

            // one that is kept shows that the test would see it
            var kept = File.OpenRead($"/proc/{pids[0]}/net/netstat");
            foreach (var pid in pids)
            {
                Libc.Check(Libc.Kill(pid, SigKill), "kill");
            }

            Wait.Until(() => Links(ns) <= 1, () => $"no veth is left, but for the one that is kept; there are {Links(ns)}");
            Links(ns).ShouldBe(1);
            kept.Dispose();
            Wait.Until(() => Links(ns) == 0, () => "the last veth goes");
            Wait.Until(() => Look(watch).Namespaces == 0, () => "no namespace is left");
            files = round == 1 ? Descriptors() : files;
            Wait.Until(() => Descriptors() <= files, () => $"{files} files are open, not {Descriptors()}");
            Wait.Until(() => File.ReadAllText(cgroup.Processes).Length == 0, () => "the processes are gone");
        }
    }

    /// <summary>A socket in a namespace keeps it alive, so it has to be closed when the last process ends.</summary>
    [Fact]
    public void Two_hundred_namespaces_whose_listeners_are_read_come_and_go_and_none_is_kept()
    {
        using var ns = NetNamespace.Create();
        using var cgroup = new Cgroup($"tcpstat-{Environment.ProcessId}.slice", Unit);
        using var folder = new TestFolder();
        using var opener = new OpenerDouble(folder.PathOf("opener"));
        using var watch = new NetnsWatch(
            new NetnsOptions
            {
                Mode = NetnsMode.Listeners,
                Filter = new NetnsFilter([Unit], []),
                OpenFiles = 4000,
                Series = NetnsSeriesChoice.All,
                Interval = TimeSpan.FromSeconds(1),
                LookInterval = TimeSpan.FromSeconds(1),
                CpuShare = 1,
            },
            TimeSpan.FromMinutes(1),
            TimeProvider.System,
            NullLogger<NetnsWatch>.Instance,
            opener: new NetnsOpenerClient(opener.Path));
        using var service = new NetnsService(watch, NullLogger<NetnsService>.Instance);
        service.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        using var leftovers = new Leftovers(cgroup);
        var (files, threads, bytes) = (0, 0, 0L);

        // in the second round, tables of closed sockets are as large as they get
        for (var round = 1; round <= 3; round++)
        {
            var pids = Start(cgroup, $"sh -c 'ip link set lo up; exec perl -MSocket -e \"{Traffic}\"'");
            Batch(ns, pids.Select((pid, number) => $"link add t{number} type veth peer name t netns {pid}"));
            Wait.Until(() => watch.Totals.ListenersSampled == Count, () => $"{Count} namespaces are read, not {watch.Totals.ListenersSampled}");
            Wait.Until(() => watch.Totals.Listeners == Count, () => $"{Count} listeners, not {watch.Totals.Listeners}");
            Wait.Until(() => Row(watch).Total.ListenDrops >= Count, () => $"they lose connections: {Row(watch).Total.ListenDrops}");
            Links(ns).ShouldBe(Count);
            foreach (var pid in pids)
            {
                Libc.Check(Libc.Kill(pid, SigKill), "kill");
            }

            Wait.Until(() => Links(ns) == 0, () => $"no veth is left; there are {Links(ns)}", TimeSpan.FromSeconds(10));
            Wait.Until(() => watch.Totals is { ListenersSampled: 0, Sampled: 0 }, () => "no namespace is left");
            files = round == 1 ? Descriptors() : files;
            threads = round == 1 ? Threads() : threads;
            bytes = round <= 2 ? GC.GetTotalMemory(forceFullCollection: true) + Slack : bytes;
            Wait.Until(() => Descriptors() <= files, () => $"{files} files are open, not {Descriptors()}");
            Wait.Until(() => Threads() <= threads, () => $"{threads} threads, not {Threads()}");
            Wait.Until(() => GC.GetTotalMemory(forceFullCollection: true) <= bytes, () => $"{bytes} bytes, not {GC.GetTotalMemory(forceFullCollection: true)}");
            Wait.Until(() => File.ReadAllText(cgroup.Processes).Length == 0, () => "the processes are gone");
        }
    }

    /// <summary>Between two reads, the end of the last process is what closes the socket.</summary>
    [Fact]
    public void A_socket_is_closed_when_the_last_process_ends_and_not_at_the_next_read()
    {
        using var ns = NetNamespace.Create();
        using var cgroup = new Cgroup($"tcpstat-{Environment.ProcessId}.slice", Unit);
        using var folder = new TestFolder();
        using var opener = new OpenerDouble(folder.PathOf("opener"));
        using var watch = new NetnsWatch(
            new NetnsOptions { Mode = NetnsMode.Listeners, Filter = new NetnsFilter([Unit], []), CpuShare = 1 },
            TimeSpan.FromMinutes(1),
            TimeProvider.System,
            NullLogger<NetnsWatch>.Instance,
            opener: new NetnsOpenerClient(opener.Path));
        using var leftovers = new Leftovers(cgroup);
        using var shell = ChildProcess.Start("unshare", ["--net", "sh", "-c", "echo $$ >\"$0\"; exec sleep 600", cgroup.Processes]);
        Wait.Until(() => Look(watch).Namespaces == 1, () => "the namespace");
        watch.Totals.ListenersSampled.ShouldBe(1);
        Batch(ns, [$"link add t0 type veth peer name t netns {shell.Id}"]);
        Links(ns).ShouldBe(1);
        shell.Dispose();

        // the wait ends at once, whatever its time
        using var never = new ManualResetEvent(initialState: false);
        watch.Wait(TimeSpan.FromMinutes(10), never);
        _ = watch.RunDue();
        Wait.Until(() => Links(ns) == 0, () => "the veth goes");
    }

    [Fact]
    public void A_namespace_whose_first_process_ends_is_read_on_and_ends_with_the_last_one()
    {
        using var ns = NetNamespace.Create();
        using var cgroup = new Cgroup($"tcpstat-{Environment.ProcessId}.slice", "two.service");
        using var watch = new NetnsWatch(
            new NetnsOptions { Mode = NetnsMode.Counters, Filter = new NetnsFilter(["two.service"], []), Series = NetnsSeriesChoice.All },
            TimeSpan.FromMinutes(1),
            TimeProvider.System,
            NullLogger<NetnsWatch>.Instance);
        using var leftovers = new Leftovers(cgroup);
        using var shell = ChildProcess.Start("unshare", ["--net", "sh", "-c", "echo $$ >\"$0\"; sleep 600 </dev/null >/dev/null 2>&1 & echo $!; exec sleep 600", cgroup.Processes]);
        Wait.Until(() => shell.Output.EndsWith('\n'), () => "the second process");
        var second = int.Parse(shell.Output, CultureInfo.InvariantCulture);
        Wait.Until(() => Look(watch, "two.service").Namespaces == 1, () => "the namespace");
        shell.Dispose();
        Look(watch, "two.service").Namespaces.ShouldBe(1);
        watch.Watched.Count.ShouldBe(1);
        Libc.Check(Libc.Kill(second, SigKill), "kill");
        Wait.Until(() => Look(watch, "two.service").Namespaces == 0, () => "it is gone");
        watch.Watched.ShouldBeEmpty();
    }

    private static int[] Start(Cgroup cgroup, string program = "sleep 600")
    {
        var script = $"echo $$ >\"$0\"; i=0; while [ $i -lt {Count} ]; do unshare --net {program} </dev/null >/dev/null 2>&1 & echo $!; i=$((i+1)); done";
        var started = ChildProcess.Run("sh", ["-c", script, cgroup.Processes]).Checked();
        var pids = started.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToArray();
        var own = new ProcessTable("/proc").NamespaceOf(Environment.ProcessId);
        var processes = new ProcessTable("/proc");
        Wait.Until(() => pids.All(pid => processes.NamespaceOf(pid) is var inode && inode != 0 && inode != own), () => "each has its namespace");
        return pids;
    }

    private static void Batch(NetNamespace ns, IEnumerable<string> lines)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, lines);
            ChildProcess.Run("ip", ["-netns", ns.Name, "-batch", path]).Checked();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int Links(NetNamespace ns) =>
        ns.Run(() => File.ReadAllLines("/proc/thread-self/net/dev")).Count(line => line.TrimStart().StartsWith('t') && line.Contains(':', StringComparison.Ordinal));

    private static int Threads() => Directory.GetFileSystemEntries("/proc/self/task").Length;

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static NetnsRow Look(NetnsWatch watch, string unit = Unit)
    {
        watch.RunNow();
        return Row(watch, unit);
    }

    private static NetnsRow Row(NetnsWatch watch, string unit = Unit)
    {
        var rows = new ValueList<NetnsRow>();
        watch.CopyRowsTo(rows);
        return rows.Span.ToArray().SingleOrDefault(row => row.Identity.Name == unit);
    }

    /// <summary>Ends what a failed test leaves in its cgroup.</summary>
    private sealed class Leftovers(Cgroup cgroup) : IDisposable
    {
        public void Dispose()
        {
            foreach (var line in File.ReadAllLines(cgroup.Processes))
            {
                _ = Libc.Kill(int.Parse(line, CultureInfo.InvariantCulture), SigKill);
            }
        }
    }
}
