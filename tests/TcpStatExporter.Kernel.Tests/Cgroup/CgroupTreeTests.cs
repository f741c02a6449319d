using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.Kernel.Cgroup;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Kernel.Tests.Netlink;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Cgroup;

public class CgroupTreeTests
{
    private readonly ManualClock _clock = new();

    /// <summary>Runs on a separate thread: opening a FIFO that nobody writes to blocks forever.</summary>
    [Fact]
    public void A_pipe_instead_of_mountinfo_does_not_hang()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root.PathOf("self"));
        using var made = System.Diagnostics.Process.Start("mkfifo", root.PathOf("self/mountinfo"));
        made.WaitForExit();
        CgroupMount? mount = new CgroupMount("/", "");

        var thread = new Thread(() => mount = CgroupTree.FindMount(root.PathOf(""))) { IsBackground = true };
        thread.Start();

        thread.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue("it hangs");
        mount.ShouldBeNull();
    }

    [Fact]
    public void Without_a_hierarchy_every_name_is_empty()
    {
        var tree = new CgroupTree(null, _clock);
        tree.UnitOf(1).ShouldBe("");
        tree.Walks.ShouldBe(0);
    }

    [Fact]
    public void The_owner_of_a_listener_is_the_unit_it_was_opened_in()
    {
        var mount = Mount();
        var unit = string.Create(CultureInfo.InvariantCulture, $"tcpstat-test-{Environment.ProcessId}.service");
        var service = Path.Combine(mount.Path, unit);
        var child = Path.Combine(service, "worker");
        var home = Path.Combine(mount.Path, OwnCgroup().TrimStart('/'), "cgroup.procs");

        // one walk before there is anything to find
        var tree = new CgroupTree(mount, _clock);
        tree.UnitOf(CgroupId.Of(mount.Path)).ShouldBe("");
        _clock.Advance(TimeSpan.FromMinutes(1));
        try
        {
            Directory.CreateDirectory(child);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            Assert.SkipWhen(true, "making a cgroup is not allowed here");
        }

        try
        {
            // a socket belongs to the cgroup that its process was in when it opened the socket
            var moved = MoveSelf(Path.Combine(child, "cgroup.procs"));
            using var inside = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            MoveSelf(home);
            Assert.SkipUnless(moved, "moving into a cgroup is not allowed here");
            inside.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            inside.Listen(1);
            using var netlink = LiveDumpTests.Open();
            var id = LiveDumpTests.Dump(netlink, InetDiagRequest.Listeners).Listeners.Span.ToArray().Single(l => l.Port == ((IPEndPoint)inside.LocalEndPoint!).Port).CgroupId;

            id.ShouldBe(CgroupId.Of(child));
            tree.UnitOf(id).ShouldBe(unit);
            tree.Walks.ShouldBe(2);

            // its name outlives it, like the socket
            Remove(child);
            _clock.Advance(TimeSpan.FromHours(1));
            tree.UnitOf(id).ShouldBe(unit);
            tree.Walks.ShouldBe(2);
        }
        finally
        {
            Remove(child);
            Remove(service);
        }
    }

    [Fact]
    public void A_known_id_is_looked_up_without_allocating()
    {
        var mount = Mount();
        var tree = new CgroupTree(mount, _clock);
        var root = CgroupId.Of(mount.Path);
        root.ShouldNotBe(0ul);
        tree.UnitOf(root);
        Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                tree.UnitOf(root);
            }
        }).ShouldBe(0);
        tree.Walks.ShouldBe(1);
    }

    [Fact]
    public void An_unknown_id_is_looked_up_less_and_less_often()
    {
        var tree = new CgroupTree(Mount(), _clock);
        for (var second = 0; second < 3600; second++)
        {
            tree.UnitOf(ulong.MaxValue).ShouldBe("");
            tree.UnitOf(ulong.MaxValue).ShouldBe("");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // after 0, 1, 3, 7, ... 511 s, then every ten minutes
        tree.Walks.ShouldBeInRange(10, 18);
    }

    [Fact]
    public void Walks_take_at_most_a_hundredth_of_a_core()
    {
        var cpu = TimeSpan.Zero;
        var tree = new CgroupTree(Mount(), _clock, () => cpu += TimeSpan.FromMilliseconds(50));
        tree.UnitOf(ulong.MaxValue).ShouldBe("");
        tree.Walks.ShouldBe(1);

        // the first walk, which includes JIT compilation, no longer delays the second one
        tree.UnitOf(ulong.MaxValue - 1).ShouldBe("");
        tree.Walks.ShouldBe(2);
        tree.UnitOf(ulong.MaxValue - 2).ShouldBeNull("it is yet to be looked for");
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        tree.UnitOf(ulong.MaxValue - 2).ShouldBeNull();
        tree.UnitOf(ulong.MaxValue - 1).ShouldBe("", "it was looked for");
        tree.UnitOf(ulong.MaxValue - 3).ShouldBeNull();
        tree.Walks.ShouldBe(2);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        tree.UnitOf(ulong.MaxValue - 2).ShouldBe("");
        tree.Walks.ShouldBe(3);
        tree.UnitOf(ulong.MaxValue - 3).ShouldBe("", "that walk looked for it too");
        tree.UnitOf(ulong.MaxValue - 4).ShouldBeNull();
        tree.Walks.ShouldBe(3);
    }

    [Fact]
    public void The_user_nobody_without_capabilities_reads_the_same_ids()
    {
        var mount = Mount();
        var root = CgroupId.Of(mount.Path);
        Namespace.Run(_ =>
        {
            Namespace.BecomeNobody();
            CgroupId.Of(mount.Path).ShouldBe(root);
            var tree = new CgroupTree(mount, _clock);
            tree.UnitOf(root);
            tree.UnitOf(root);
            tree.Walks.ShouldBe(1);
        });
    }

    [Fact]
    public void A_file_system_that_is_not_cgroup2_names_nothing()
    {
        new CgroupTree(new CgroupMount(Path.GetTempPath(), ""), _clock).UnitOf(1).ShouldBe("");
        new CgroupTree(new CgroupMount("/nowhere", ""), _clock).UnitOf(1).ShouldBe("");
    }

    /// <summary>
    /// The sampler and the sweeper use it from different threads. Only one walk runs at a time, and both threads get its
    /// result.
    /// </summary>
    [Fact]
    public void Two_threads_that_ask_at_once_share_one_walk()
    {
        var mount = Mount();
        var id = CgroupId.Of(mount.Path);
        CgroupTree tree = null!;
        string? told = null;
        Thread? other = null;
        tree = new CgroupTree(mount, _clock, () =>
        {
            if (other is null)
            {
                // during a walk, another thread asks: it finishes, walks itself, or waits
                other = new Thread(() => told = tree.UnitOf(id)) { IsBackground = true };
                other.Start();
                SpinWait.SpinUntil(() => !other.IsAlive || other.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(1)).ShouldBeTrue();
                other.IsAlive.ShouldBeTrue("it waits for the walk");
            }

            return TimeSpan.Zero;
        });

        tree.UnitOf(id).ShouldBe("");
        other!.Join(TimeSpan.FromMinutes(1)).ShouldBeTrue();
        told.ShouldBe("");
        tree.Walks.ShouldBe(1);
    }

    private static CgroupMount Mount()
    {
        var mount = CgroupTree.FindMount("/proc");
        Assert.SkipWhen(mount is null, "cgroup2 is not mounted here");
        return mount.Value;
    }

    private static string OwnCgroup() =>
        File.ReadLines("/proc/self/cgroup").First(l => l.StartsWith("0::", StringComparison.Ordinal))["0::".Length..];

    private static bool MoveSelf(string procs)
    {
        try
        {
            File.WriteAllText(procs, "0");
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    private static void Remove(string cgroup)
    {
        for (var attempt = 0; Directory.Exists(cgroup); attempt++)
        {
            try
            {
                Directory.Delete(cgroup);
            }
            catch (IOException) when (attempt < 3000)
            {
                // a process that another test started meanwhile is in it, and will end soon
                Thread.Sleep(20);
            }
        }
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public override long GetTimestamp() => _now;
    }
}
