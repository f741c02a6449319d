using Shouldly;
using TcpStatExporter.Kernel.Cgroup;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Cgroup;

public class CgroupMountTests
{
    private const string Unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";

    [Fact]
    public void A_unified_hierarchy_is_found_among_other_mounts() =>
        CgroupMount.Find("23 28 0:22 / /sys rw shared:2 - sysfs sysfs rw\n" + Unified + "31 23 0:27 / /sys/fs/pstore rw - pstore pstore rw\n")
            .ShouldBe(new CgroupMount("/sys/fs/cgroup", ""));

    [Fact]
    public void A_hybrid_hierarchy_is_found_too() =>
        CgroupMount.Find("""
            32 24 0:28 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755
            33 32 0:29 / /sys/fs/cgroup/unified rw,relatime shared:10 - cgroup2 cgroup2 rw
            34 32 0:30 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,name=systemd
            """).ShouldBe(new CgroupMount("/sys/fs/cgroup/unified", ""));

    [Theory]
    [InlineData("")]
    [InlineData("34 32 0:30 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,name=systemd\n")]
    [InlineData("34 32 0:30 / /mnt/cgroup2 rw - ext4 cgroup2 rw\n")]
    [InlineData("30 23 0:26 - cgroup2 cgroup2 rw\n")]
    [InlineData("30 23 0:26 / /sys/fs/cgroup rw")]
    public void Without_cgroup2_there_is_no_mount(string mountInfo) => CgroupMount.Find(mountInfo).ShouldBeNull();

    [Fact]
    public void A_subtree_keeps_its_place_in_the_hierarchy() =>
        CgroupMount.Find("30 23 0:26 /system.slice/docker.service /sys/fs/cgroup rw master:4 - cgroup2 cgroup2 rw\n")
            .ShouldBe(new CgroupMount("/sys/fs/cgroup", "/system.slice/docker.service"));

    [Fact]
    public void Of_several_mounts_the_highest_one_is_used()
    {
        const string Host = "40 30 0:26 /../.. /host/sys/fs/cgroup ro master:4 - cgroup2 cgroup2 rw\n";
        const string Part = "41 30 0:26 /part /part rw - cgroup2 cgroup2 rw\n";
        CgroupMount.Find(Unified + Host + Part).ShouldBe(new CgroupMount("/host/sys/fs/cgroup", ""));
        CgroupMount.Find(Part + Unified).ShouldBe(new CgroupMount("/sys/fs/cgroup", ""));
    }

    [Fact]
    public void Blanks_in_a_path_are_read() =>
        CgroupMount.Find(@"30 23 0:26 / /mnt/c\040g\134 rw - cgroup2 cgroup2 rw")!.Value.Path.ShouldBe(@"/mnt/c g\");
}
