using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Namespaces;
using Xunit;

namespace TcpStatExporter.Tests.Namespaces;

public sealed class NetnsNamesTests : IDisposable
{
    private const string Id = ProcessTree.Id;
    private const string Uid = ProcessTree.Uid;

    private readonly ProcessTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_pod_is_named_by_the_directory_that_the_kubelet_made_for_its_uid()
    {
        _tree.Add(10, "a", $"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Uid.Replace('-', '_')}.slice/cri-containerd-{Id}.scope");
        _tree.AddPodLogs($"shop_cart-6d4cf56db6-x2x7k_{Uid}");
        Names(10).ShouldBe(new NetnsIdentity("shop/cart-6d4cf56db6-x2x7k", NetnsKind.Pod, "shop", "cart-6d4cf56db6-x2x7k", "cart"));
    }

    [Fact]
    public void A_pod_whose_directory_comes_later_is_named_then()
    {
        _tree.Add(10, "a", $"/kubepods/burstable/pod{Uid}/{Id}");
        Names(10).ShouldBe(new NetnsIdentity(Id[..12], NetnsKind.Container, Container: Id[..12]));
        _tree.AddPodLogs($"shop_db-0_{Uid}");
        Names(10).Name.ShouldBe("shop/db-0");
    }

    [Fact]
    public void A_container_whose_path_tells_no_pod_is_named_by_the_link_to_its_log()
    {
        _tree.Add(10, "a", $"/../cri-containerd-{Id}.scope");
        File.WriteAllText(Path.Combine(_tree.Logs, "containers", $"db-0_shop_postgres-{Id}.log"), "");
        Names(10).ShouldBe(new NetnsIdentity("shop/db-0", NetnsKind.Pod, "shop", "db-0", "db"));
    }

    [Fact]
    public void A_container_of_a_pod_is_named_by_its_log_which_may_come_later()
    {
        var names = new NetnsNames(new ProcessTable(_tree.Procfs), _tree.Logs, _tree.Named);
        var unit = $"containerd:{Id[..12]}";
        names.ContainerOf(unit).ShouldBeNull();
        File.WriteAllText(Path.Combine(_tree.Logs, "containers", $"db-0_shop_postgres-{Id}.log"), "");
        names.ContainerOf(unit).ShouldBe("postgres");

        // a container in it is part of it
        names.ContainerOf($"docker:0123456789ab ({unit})").ShouldBe("postgres");
        Allocated.By(() => names.ContainerOf(unit)).ShouldBe(0);
    }

    [Fact]
    public void A_container_without_a_log_has_no_name_after_some_searches()
    {
        var names = new NetnsNames(new ProcessTable(_tree.Procfs), _tree.Logs, _tree.Named);
        Enumerable.Range(0, 10).Select(_ => names.ContainerOf("containerd:0123456789ab")).ShouldBe([null, null, null, null, null, null, null, null, null, ""]);
    }

    [Fact]
    public void Failing_that_by_the_mounts_of_the_kubelet()
    {
        _tree.Add(10, "a", $"/../{Id}");
        _tree.Write(10, "mountinfo", $"1043 1037 8:1 /var/lib/kubelet/pods/{Uid}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw\n");
        _tree.AddPodLogs($"shop_db-0_{Uid}");
        Names(10).Name.ShouldBe("shop/db-0");
    }

    /// <summary>Of the processes of a namespace the one that tells most counts: one may have come by nsenter.</summary>
    [Fact]
    public void A_process_that_tells_nothing_hides_no_pod()
    {
        _tree.Add(9, "a", "/user.slice/user-1000.slice/session-3.scope");
        _tree.Add(10, "a", $"/kubepods/burstable/pod{Uid}/{Id}");
        _tree.AddPodLogs($"shop_db-0_{Uid}");
        Names(9, 10).Name.ShouldBe("shop/db-0");
    }

    [Theory]
    [InlineData($"/system.slice/docker-{Id}.scope", "8f14e45fceea", "container")]
    [InlineData("/lxc.payload.web/init.scope", "web", "container")]
    [InlineData("/system.slice/redis.service", "redis.service", "unit")]
    [InlineData("/user.slice/user-1000.slice/session-3.scope", "other", "other")]
    public void What_is_no_pod(string cgroup, string name, string kind)
    {
        _tree.Add(10, "a", cgroup);
        var identity = Names(10);
        (identity.Name, identity.Kind.Name()).ShouldBe((name, kind));
    }

    [Theory]
    [InlineData("-n\0web\0", "web")]
    [InlineData("-n\0w\u001beb\0", "8f14e45fceea")]
    [InlineData("", "8f14e45fceea")]
    public void A_container_of_podman_has_the_name_that_its_conmon_was_given(string arguments, string name)
    {
        _tree.Add(8, "host", $"/machine.slice/libpod-conmon-{Id}.scope");
        _tree.Write(8, "comm", "conmon\n");
        _tree.Write(8, "cmdline", $"/usr/bin/conmon\0--api-version\01\0-c\0{Id}\0-u\0{Id}\0{arguments}");
        _tree.Add(10, "a", $"/machine.slice/libpod-{Id}.scope/container");
        Names(10).Name.ShouldBe(name);
    }

    /// <summary>A file of a namespace has its inode; here any file does.</summary>
    [Theory]
    [InlineData("blue", "blue")]
    [InlineData("cni-8f14e45f-ceea-167a-5a36-dedd4bea2543", "redis.service")]
    public void A_name_under_run_netns(string file, string name)
    {
        _tree.Add(10, "a", "/system.slice/redis.service");
        File.WriteAllText(Path.Combine(_tree.Named, file), "");
        Directory.CreateDirectory(Path.Combine(_tree.Procfs, "10/ns"));
        File.CreateSymbolicLink(Path.Combine(_tree.Procfs, "10/ns/net"), Path.Combine(_tree.Named, file));
        Names(10).Name.ShouldBe(name);
    }

    [Fact]
    public void Nobody_is_other() => Names().ShouldBe(NetnsIdentity.Other);

    private NetnsIdentity Names(params int[] pids) => new NetnsNames(new ProcessTable(_tree.Procfs), _tree.Logs, _tree.Named).Of(pids);
}
