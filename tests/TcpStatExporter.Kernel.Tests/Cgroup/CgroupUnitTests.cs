using Shouldly;
using TcpStatExporter.Kernel.Cgroup;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Cgroup;

public class CgroupUnitTests
{
    private const string Id = "8f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f90";
    private const string Short = "8f14e45fceea";

    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("/system.slice", "")]
    [InlineData("/user.slice/user-1000.slice", "")]

    // systemd
    [InlineData("/init.scope", "init.scope")]
    [InlineData("/system.slice/nginx.service", "nginx.service")]
    [InlineData("/system.slice/nginx.service/", "nginx.service")]
    [InlineData("/system.slice/system-postgresql.slice/postgresql@15-main.service", "postgresql@15-main.service")]
    [InlineData(@"/system.slice/systemd-cryptsetup@my\x2ddisk.service", @"systemd-cryptsetup@my\x2ddisk.service")]
    [InlineData("/system.slice/sshd.socket", "sshd.socket")]
    [InlineData("/system.slice/_cpu.service", "cpu.service")]
    [InlineData("/system.slice/foo.service/worker/3", "foo.service")]
    [InlineData("/system.slice/systemd-udevd.service/udev", "systemd-udevd.service")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service", "syncthing.service (user 1000)")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service")]
    [InlineData(@"/machine.slice/machine-qemu\x2d1\x2dvm.scope/libvirt/vcpu0", @"machine-qemu\x2d1\x2dvm.scope")]
    [InlineData("/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service", "systemd-nspawn@web.service")]
    [InlineData("/machine.slice/systemd-nspawn@web.service/payload/init.scope", "systemd-nspawn@web.service")]

    // anybody who may create a cgroup may give it any name
    [InlineData("/a.slice/x\u001b]0;pwned\u0007\u001b[2J.service", "x??0;pwned???2J.service")]
    [InlineData("/a.slice/x\u009b31m\u202e\u2066\n\r\u007f\u200b.service", "x?31m??????.service")]
    [InlineData("/a\u001bb.slice/session-3.scope", "a?b.slice")]
    [InlineData("/é中.service", "é中.service")]
    [InlineData("/system.slice/nginx.service (user 0)[1].service", "nginx.service??user?0??1?.service")]

    // the part that changes at each start
    [InlineData("/user.slice/user-1000.slice/session-3.scope", "user-1000.slice")]
    [InlineData("/user.slice/user-1000.slice/session-c12.scope", "user-1000.slice")]
    [InlineData("/system.slice/run-u17.service", "system.slice")]
    [InlineData("/system.slice/run-p4711-i4712.scope", "system.slice")]
    [InlineData("/system.slice/run-r8f14e45fceea167a5a36dedd4bea2543.service", "system.slice")]
    [InlineData("/system.slice/run-parts.service", "run-parts.service")]
    [InlineData("/system.slice/run-report.service", "run-report.service")]
    [InlineData("/system.slice/run-.service", "run-.service")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4711.scope", "app.slice (user 1000)")]

    // containers with the systemd driver
    [InlineData($"/system.slice/docker-{Id}.scope", $"docker:{Short}")]
    [InlineData($"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{Id}.scope", $"docker:{Short} (user 1000)")]
    [InlineData($"/machine.slice/libpod-{Id}.scope", $"podman:{Short}")]
    [InlineData($"/machine.slice/libpod-{Id}.scope/container", $"podman:{Short}")]
    [InlineData($"/machine.slice/libpod-conmon-{Id}.scope", $"podman:{Short}")]
    [InlineData($"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{Id}.scope/container", $"podman:{Short} (user 1000)")]
    [InlineData($"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2f7b3c1a_0d5e_4f6a_9b8c_7d6e5f4a3b2c.slice/cri-containerd-{Id}.scope", $"containerd:{Short}")]
    [InlineData($"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod2f7b3c1a_0d5e_4f6a_9b8c_7d6e5f4a3b2c.slice/crio-{Id}.scope", $"crio:{Short}")]
    [InlineData($"/kubepods.slice/kubepods-pod2f7b3c1a_0d5e_4f6a_9b8c_7d6e5f4a3b2c.slice/crio-{Id}.scope/container", $"crio:{Short}")]
    [InlineData($"/system.slice/nerdctl-{Id}.scope", $"containerd:{Short}")]

    // containers with the cgroupfs driver
    [InlineData($"/docker/{Id}", $"docker:{Short}")]
    [InlineData($"/libpod_parent/libpod-{Id}", $"podman:{Short}")]
    [InlineData($"/kubepods/burstable/pod2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c/{Id}", $"container:{Short}")]
    [InlineData($"/kubepods/pod2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c/crio-{Id}", $"crio:{Short}")]
    [InlineData($"/system.slice/containerd.service/kubepods-burstable-pod2f7b3c1a_0d5e_4f6a_9b8c_7d6e5f4a3b2c.slice:cri-containerd:{Id}", $"containerd:{Short}")]

    [InlineData($"/lxc.payload.web/system.slice/nginx.service", "lxc:web")]
    [InlineData($"/lxc/101/ns/system.slice/nginx.service", "lxc:101")]

    // nested: the inner one, and where it is
    [InlineData($"/docker/{Id}/system.slice/containerd.service", $"docker:{Short}")]
    [InlineData($"/docker/1111111111111111111111111111111111111111111111111111111111111111/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod1.slice/cri-containerd-{Id}.scope", $"containerd:{Short} (docker:111111111111)")]
    [InlineData($"/system.slice/docker-{Id}.scope/init.scope", $"docker:{Short}")]

    // a delegated cgroup (Delegate=) may have any name, so the result is the unit that delegated it
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service", "nginx.service (user 1000)")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/system.slice/nginx.service", "nginx.service (user 1000)")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/nginx.service", "nginx.service (user 1000)")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/user@0.service/nginx.service", "user@0.service (user 1000)")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/x.service (user 0).service", "x.service??user?0?.service (user 1000)")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice", "user@1000.service")]
    [InlineData("/user.slice/user-1000.slice/session-3.scope/system.slice/nginx.service", "user-1000.slice")]
    [InlineData("/system.slice/ci-runner.service/system.slice/nginx.service", "ci-runner.service")]
    [InlineData("/system.slice/ci-runner.service/nginx.service", "ci-runner.service")]
    [InlineData("/system.slice/ci-runner.service/user@0.service/nginx.service", "ci-runner.service")]
    [InlineData($"/system.slice/ci-runner.service/docker/{Id}", "ci-runner.service")]
    [InlineData("/machine.slice/machine-web.scope/system.slice/nginx.service", "machine-web.scope")]
    [InlineData($"/machine.slice/libpod-{Id}.scope/container/system.slice/nginx.service", $"podman:{Short}")]
    [InlineData("/system.slice/user@me.service", "user@me.service")]

    // almost a container
    [InlineData("/system.slice/docker-8f14e45fceea.scope", "docker-8f14e45fceea.scope")]
    [InlineData($"/system.slice/backup-{Id}.service", $"backup-{Id}.service")]
    [InlineData("/system.slice/docker-8F14E45FCEEA167A5A36DEDD4BEA2543C1B2A3D4E5F60718293A4B5C6D7E8F90.scope", "docker-8F14E45FCEEA167A5A36DEDD4BEA2543C1B2A3D4E5F60718293A4B5C6D7E8F90.scope")]
    public void A_path_names_its_owner(string path, string unit) => CgroupUnit.FromPath(path).ShouldBe(unit);
}
