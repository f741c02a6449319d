using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Cgroup;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Cgroup;

/// <summary>Paths in the forms of the runtimes and drivers, and every text that is none.</summary>
public sealed class CgroupOwnerTests
{
    private const string Id = "8f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f90";
    private const string Other = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Uid = "2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c";
    private const string UnderscoredUid = "2f7b3c1a_0d5e_4f6a_9b8c_7d6e5f4a3b2c";
    private const string StaticUid = "0123456789abcdef0123456789abcdef";

    private static readonly string[] Parts =
    [
        "0::", "1:name=systemd:", "/", "..", ":", "pod", Uid, UnderscoredUid, StaticUid, Id, "kubepods", ".slice", ".scope", ".service", "cri-containerd-", "crio-", "docker-", "libpod-",
        "lxc", "user@1000.service", " (deleted)", "\n", "\0", "é",
    ];

    /// <summary>Kubernetes: pause and application containers of each runtime by each driver.</summary>
    [Theory]
    [InlineData($"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UnderscoredUid}.slice/cri-containerd-{Id}.scope", "containerd")]
    [InlineData($"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{UnderscoredUid}.slice/crio-{Id}.scope", "crio")]
    [InlineData($"/kubepods.slice/kubepods-pod{UnderscoredUid}.slice/crio-{Id}.scope/container", "crio")]
    [InlineData($"/kubepods.slice/kubepods-pod{UnderscoredUid}.slice/docker-{Id}.scope", "docker")]
    [InlineData($"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod{UnderscoredUid}.slice/cri-containerd-{Id}.scope", "containerd")]
    [InlineData($"/kubepods/burstable/pod{Uid}/{Id}", "container")]
    [InlineData($"/kubepods/pod{Uid}/crio-{Id}", "crio")]
    [InlineData($"/kubepods/besteffort/pod{Uid}/{Id}/init.scope", "container")]
    [InlineData($"/system.slice/containerd.service/kubepods-burstable-pod{UnderscoredUid}.slice:cri-containerd:{Id}", "containerd")]
    [InlineData($"/k8s.io/../kubepods/burstable/pod{Uid}/{Id}", "container")]

    // the reader sits in a cgroup namespace of its own
    [InlineData($"/../../kubepods-burstable.slice/kubepods-burstable-pod{UnderscoredUid}.slice/cri-containerd-{Id}.scope", "containerd")]
    [InlineData($"/../../../besteffort/pod{Uid}/{Id}", "container")]
    [InlineData($"/../kubepods-pod{UnderscoredUid}.slice/crio-{Id}.scope", "crio")]

    // what runs in a pod is the pod's, whatever it calls its cgroups
    [InlineData($"/kubepods/burstable/pod{Uid}/{Id}/docker/{Other}", "container")]
    [InlineData($"/kubepods/burstable/pod{Uid}/{Id}/kubepods/pod{StaticUid}/{Other}", "container")]
    [InlineData($"/kubepods.slice/kubepods-pod{UnderscoredUid}.slice/cri-containerd-{Id}.scope/system.slice/nginx.service", "containerd")]
    [InlineData($"/kubepods/burstable/pod{Uid}/{Id} (deleted)", "container")]
    public void A_pod(string path, string runtime) =>
        CgroupOwner.FromPath(path).ShouldBe(new CgroupOwner(CgroupOwnerKind.Pod, runtime, Id, Uid, ""));

    [Theory]
    [InlineData($"/kubepods/burstable/pod{Uid}", Uid)]
    [InlineData($"/kubepods.slice/kubepods-pod{UnderscoredUid}.slice", Uid)]
    [InlineData($"/kubepods/burstable/pod{StaticUid}", StaticUid)]
    [InlineData($"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{StaticUid}.slice", StaticUid)]
    public void A_pods_own_cgroup(string path, string uid) => CgroupOwner.FromPath(path).ShouldBe(new CgroupOwner(CgroupOwnerKind.Pod, "", "", uid, ""));

    [Theory]
    [InlineData($"/system.slice/docker-{Id}.scope", "docker")]
    [InlineData($"/docker/{Id}", "docker")]
    [InlineData($"/docker/{Id}/docker/{Other}", "docker")]
    [InlineData($"/docker/{Id}/kubelet.slice/kubelet-kubepods-pod{UnderscoredUid}.slice/cri-containerd-{Other}.scope", "docker")]
    [InlineData($"/machine.slice/libpod-{Id}.scope/container", "podman")]
    [InlineData($"/machine.slice/machine-libpod_pod_{Other}.slice/libpod-{Id}.scope", "podman")]
    [InlineData($"/libpod_parent/libpod-{Id}", "podman")]
    [InlineData($"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{Id}.scope/container", "podman")]
    [InlineData($"/system.slice/nerdctl-{Id}.scope", "containerd")]
    [InlineData($"/default/{Id}", "container")]

    // two containers of one pod, the reader in one of them: the path to the other names no pod
    [InlineData($"/../cri-containerd-{Id}.scope", "containerd")]
    [InlineData($"/../{Id}", "container")]

    // a user's own manager runs no kubelet's pods
    [InlineData($"/user.slice/user-1000.slice/user@1000.service/kubepods.slice/kubepods-pod{UnderscoredUid}.slice/cri-containerd-{Id}.scope", "containerd")]
    public void A_container(string path, string runtime) =>
        CgroupOwner.FromPath(path).ShouldBe(new CgroupOwner(CgroupOwnerKind.Container, runtime, Id, "", ""));

    [Theory]
    [InlineData("/lxc.payload.web/system.slice/nginx.service", "web")]
    [InlineData("/lxc/101/ns", "101")]
    public void An_lxc_container_has_a_name(string path, string name) =>
        CgroupOwner.FromPath(path).ShouldBe(new CgroupOwner(CgroupOwnerKind.Container, "lxc", name, "", ""));

    [Theory]
    [InlineData("/system.slice/nginx.service", "nginx.service")]
    [InlineData("/../../system.slice/nginx.service", "nginx.service")]
    [InlineData("/system.slice/system-postgresql.slice/postgresql@15-main.service/worker", "postgresql@15-main.service")]
    [InlineData("/machine.slice/machine-web.scope/payload/system.slice/nginx.service", "machine-web.scope")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service", "syncthing.service (user 1000)")]
    [InlineData($"/system.slice/ci-runner.service/docker/{Id}", "ci-runner.service")]
    [InlineData($"/system.slice/ci-runner.service/kubepods/pod{Uid}/{Id}", "ci-runner.service")]
    public void A_unit(string path, string unit) => CgroupOwner.FromPath(path).ShouldBe(new CgroupOwner(CgroupOwnerKind.Unit, "", "", "", unit));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/..")]
    [InlineData("/../..")]
    [InlineData("/user.slice/user-1000.slice/session-3.scope")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-4711.scope")]
    [InlineData("/system.slice/run-u17.service")]
    [InlineData("/system.slice/containerd.service")]
    [InlineData("/kubepods/burstable")]
    [InlineData("/kubepods/pod2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2")]
    [InlineData("/kubepods/pod2f7b3c1a-0d5e-4f6a-9b8c_7d6e5f4a3b2cc")]
    [InlineData("/kubepods/podX2F7B3C1A-0D5E-4F6A-9B8C-7D6E5F4A3B2C")]
    [InlineData($"/tripod{StaticUid}")]
    public void Nothing_with_a_name_that_stays(string path) => CgroupOwner.FromPath(path).ShouldBe(CgroupOwner.None);

    /// <summary>Hybrid and v1 hierarchies print many lines.</summary>
    [Fact]
    public void Of_many_hierarchies_the_one_that_tells_most_counts()
    {
        CgroupOwner.Parse($"""
            12:pids:/docker/{Id}
            11:cpu,cpuacct:/docker/{Id}
            1:name=systemd:/docker/{Id}
            0::/system.slice/containerd.service

            """).ShouldBe(new CgroupOwner(CgroupOwnerKind.Container, "docker", Id, "", ""));
        CgroupOwner.Parse($"5:memory:/\n1:name=systemd:/kubepods/burstable/pod{Uid}/{Id}\n0::/\n").PodUid.ShouldBe(Uid);
        CgroupOwner.Parse("3:cpuset:/\n0::/system.slice/redis.service\n").Unit.ShouldBe("redis.service");
        CgroupOwner.Parse($"0::/system.slice/containerd.service/kubepods-pod{UnderscoredUid}.slice:cri-containerd:{Id}\n").PodUid.ShouldBe(Uid);
        CgroupOwner.Parse("").ShouldBe(CgroupOwner.None);
        CgroupOwner.Parse("0:\n:\nnonsense\n").ShouldBe(CgroupOwner.None);
    }

    /// <summary>Whatever the text, it is read; what is called a pod or a container is one.</summary>
    [Fact]
    public void Any_text_is_read()
    {
        var texts = Gen.Elements(Parts).ArrayOf().Select(parts => string.Concat(parts));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            var owner = CgroupOwner.Parse(text);
            (owner.PodUid.Length is 0 or 32 or 36).ShouldBeTrue();
            (owner.PodUid.Length > 0).ShouldBe(owner.Kind == CgroupOwnerKind.Pod);
            (owner.Unit.Length > 0).ShouldBe(owner.Kind == CgroupOwnerKind.Unit);
            (owner.Runtime == "lxc" || owner.ContainerId.Length is 0 or 64).ShouldBeTrue();
            owner.Unit.ShouldNotContain('\0');
            owner.ContainerId.ShouldNotContain('\0');
            if (owner.PodUid.Length > 0)
            {
                text.Replace('_', '-').ShouldContain(owner.PodUid);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }
}
