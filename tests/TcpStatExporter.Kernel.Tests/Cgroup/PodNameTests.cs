using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Cgroup;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Cgroup;

public sealed class PodNameTests
{
    private const string Id = "8f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f90";
    private const string Uid = "2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c";

    [Theory]
    [InlineData($"shop_cart-6d4cf56db6-x2x7k_{Uid}", "shop", "cart-6d4cf56db6-x2x7k", Uid)]
    [InlineData("kube-system_etcd-node-1.example_0123456789abcdef0123456789abcdef", "kube-system", "etcd-node-1.example", "0123456789abcdef0123456789abcdef")]
    public void A_directory_of_pod_logs(string directory, string space, string pod, string uid)
    {
        PodName.TryParseDirectory(directory, out var found, out var name).ShouldBeTrue();
        (found, name).ShouldBe((uid, new PodName(space, pod)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("_")]
    [InlineData("a_b")]
    [InlineData($"_b_{Uid}")]
    [InlineData($"a__{Uid}")]
    [InlineData("a_b_123")]
    [InlineData($"A_b_{Uid}")]
    [InlineData($"a_b c_{Uid}")]
    [InlineData($"a_b\u001b_{Uid}")]
    public void No_directory_of_pod_logs(string directory) => PodName.TryParseDirectory(directory, out _, out _).ShouldBeFalse();

    [Fact]
    public void A_link_to_a_containers_log()
    {
        PodName.TryParseLog($"cart-6d4cf56db6-x2x7k_shop_side-car-{Id}.log", out var id, out var name, out var container).ShouldBeTrue();
        container.ShouldBe("side-car");
        (id, name).ShouldBe((Id, new PodName("shop", "cart-6d4cf56db6-x2x7k")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a_b_c.log")]
    [InlineData($"a_b_{Id}.log")]
    [InlineData($"a_b_c-{Id}")]
    [InlineData($"a_b_c{Id}.log")]
    [InlineData($"a-b-{Id}.log")]
    [InlineData($"A_b_c-{Id}.log")]
    public void No_link_to_a_containers_log(string file) => PodName.TryParseLog(file, out _, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData($"1043 1037 8:1 /var/lib/kubelet/pods/{Uid}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw", Uid)]
    [InlineData($"36 35 0:3 / /proc rw - proc proc rw\n1044 1037 0:85 / /var/lib/kubelet/pods/{Uid}/volumes/x rw - tmpfs tmpfs rw", Uid)]
    [InlineData($"1 2 8:1 /srv/pods/web/pods/{Uid}/x /x rw - ext4 /dev/sda1 rw", Uid)]
    [InlineData("1 2 8:1 /srv/pods/web/x /x rw - ext4 /dev/sda1 rw", "")]
    [InlineData("/pods/", "")]
    public void A_pods_mounts(string mountInfo, string uid) => PodName.UidOfMounts(mountInfo).ShouldBe(uid);

    [Theory]
    [InlineData("cart-6d4cf56db6-x2x7k", "cart")]
    [InlineData("web-frontend-5b9c8d7f4-zzb2k", "web-frontend")]
    [InlineData("fluent-bit-x2x7k", "fluent-bit")]
    [InlineData("postgres-0", "postgres")]
    [InlineData("postgres-12", "postgres")]
    [InlineData("etcd", "etcd")]
    [InlineData("debug-shell", "debug-shell")]
    [InlineData("-0", "-0")]
    [InlineData("etcd-control-plane", "etcd-control-plane")]
    public void What_made_a_pod(string pod, string workload) => new PodName("x", pod).Workload.ShouldBe(workload);

    [Fact]
    public void Nothing_made_no_pod() => default(PodName).Workload.ShouldBe("");

    [Fact]
    public void Any_text_is_read()
    {
        var texts = Gen.Elements("a", "_", "-", ".", Uid, Id, ".log", "/pods/", "/", "\n", "é", "\0").ArrayOf().Select(parts => string.Concat(parts));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            if (PodName.TryParseDirectory(text, out var uid, out var name))
            {
                $"{name.Namespace}_{name.Pod}_{uid}".ShouldBe(text);
            }

            if (PodName.TryParseLog(text, out var id, out var ofLog, out _))
            {
                text.ShouldStartWith($"{ofLog.Pod}_{ofLog.Namespace}_");
                text.ShouldEndWith($"-{id}.log");
            }

            text.ShouldContain(PodName.UidOfMounts(text));
            new PodName("x", text).Workload.Length.ShouldBeLessThanOrEqualTo(text.Length);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }
}
