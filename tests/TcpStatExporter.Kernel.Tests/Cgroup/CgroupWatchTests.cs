using System.Globalization;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Cgroup;

/// <summary>All but one in a plain directory: inotify does not need a real hierarchy.</summary>
public sealed class CgroupWatchTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_directory_is_news_once_at_any_depth()
    {
        Create("kubepods.slice/besteffort.slice");
        using var watch = new CgroupWatch(_root.PathOf(""));
        watch.TakeNew().ShouldBeFalse("what was there is not new");

        Create("kubepods.slice/besteffort.slice/pod1");
        watch.TakeNew().ShouldBeTrue();
        watch.TakeNew().ShouldBeFalse();

        Create("kubepods.slice/besteffort.slice/pod1/container");
        watch.TakeNew().ShouldBeTrue();
        watch.TakeNew().ShouldBeFalse();
    }

    [Fact]
    public void Directories_that_were_created_before_their_parent_was_watched_are_watched()
    {
        using var watch = new CgroupWatch(_root.PathOf(""));
        Create("a/b/c");
        watch.TakeNew().ShouldBeTrue();
        _ = watch.TakeNew();

        Create("a/b/c/d");
        watch.TakeNew().ShouldBeTrue();
    }

    [Fact]
    public void What_is_gone_is_not_watched_any_more()
    {
        Create("a/b");
        using var watch = new CgroupWatch(_root.PathOf(""));
        watch.Count.ShouldBe(3);

        Directory.Delete(_root.PathOf("a"), recursive: true);
        watch.TakeNew().ShouldBeFalse("nothing was created");
        watch.Count.ShouldBe(1);
    }

    [Fact]
    public void Above_its_limit_it_watches_what_is_higher_up()
    {
        for (var i = 0; i < 10; i++)
        {
            Create(string.Create(CultureInfo.InvariantCulture, $"pods/pod{i}/container"));
        }

        using var watch = new CgroupWatch(_root.PathOf(""), most: 3);
        watch.Count.ShouldBe(3);
        Create("pods/pod10");
        watch.TakeNew().ShouldBeTrue();
        watch.Count.ShouldBe(3);
    }

    [Fact]
    public void Without_a_directory_there_is_no_news()
    {
        using var watch = new CgroupWatch(_root.PathOf("none"));
        watch.TakeNew().ShouldBeFalse();
        watch.Count.ShouldBe(0);
    }

    /// <summary>The kernel keeps fs.inotify.max_queued_events and says that it lost the others.</summary>
    [Fact]
    public void Events_that_the_kernel_lost_are_found_in_the_tree()
    {
        var most = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"), CultureInfo.InvariantCulture);
        Create("busy");
        using var watch = new CgroupWatch(_root.PathOf(""));
        for (var i = 0; i <= most; i++)
        {
            // the kernel merges equal events
            var name = i % 2 == 0 ? "busy/x" : "busy/y";
            Create(name);
            Directory.Delete(_root.PathOf(name));
        }

        Create("late/one");
        while (watch.TakeNew())
        {
            // until all of them are taken
        }

        Create("late/one/more");
        watch.TakeNew().ShouldBeTrue();
    }

    [Fact]
    public void In_a_real_hierarchy_it_sees_cgroups_come_and_go()
    {
        var mount = CgroupTree.FindMount("/proc");
        Assert.SkipWhen(mount is null || !Environment.IsPrivilegedProcess, "needs root and cgroup2");
        var slice = Directory.CreateDirectory(Path.Combine(mount!.Value.Path, string.Create(CultureInfo.InvariantCulture, $"tcpstat-watch-{Environment.ProcessId}.slice")));
        try
        {
            using var watch = new CgroupWatch(slice.FullName);
            var unit = slice.CreateSubdirectory("shop.service");
            watch.TakeNew().ShouldBeTrue();
            var inner = unit.CreateSubdirectory("worker");
            watch.TakeNew().ShouldBeTrue();
            watch.Count.ShouldBe(3);

            inner.Delete();
            unit.Delete();
            watch.TakeNew().ShouldBeFalse();
            watch.Count.ShouldBe(1);
        }
        finally
        {
            slice.Delete();
        }
    }

    [Fact]
    public void A_call_without_news_allocates_nothing()
    {
        using var watch = new CgroupWatch(_root.PathOf(""));
        _ = watch.TakeNew();

        Allocated.By(() => watch.TakeNew()).ShouldBe(0);
    }

    private void Create(string directory) => Directory.CreateDirectory(_root.PathOf(directory));
}
