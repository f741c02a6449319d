using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

/// <summary>What findings advise: values that suit the machine, and the application by its name.</summary>
public sealed class AdviceTests
{
    [Fact]
    public void A_dropping_listener_is_named_with_its_owner_and_told_its_setting()
    {
        var finding = new Scene()
            .Listener(port: 443, unit: "nginx.service", length: 512, limit: 511, dropped: 44)
            .Listener(port: 22, unit: "ssh.service")
            .Count("ListenDrops", 44)
            .Count("ListenOverflows", 44)
            .Judge("listener-dropping").Finding!;

        finding.Title.ShouldBe("0.0.0.0:443 (nginx.service) is dropping connections");
        finding.Listeners.Select(listener => listener.Unit).ShouldBe(["nginx.service"]);
        finding.Measured[0].ShouldBe("0.0.0.0:443 (nginx.service): 44 packets dropped in 60 s; accept queue 512 now, up to 512, limit 511");
        finding.Changes.ShouldContain(change => change.Text.Contains("a backlog of 4096 instead of 511", StringComparison.Ordinal)
            && change.Text.Contains("backlog=N", StringComparison.Ordinal));
        finding.Changes.ShouldAllBe(change => change.Parameter == null);
    }

    [Theory]
    [InlineData(128, 128, "4096")]
    [InlineData(4096, 4096, "8192")]
    [InlineData(65535, 65535, null)]
    [InlineData(4096, 128, null)]
    [InlineData(128, 8, null)]
    public void Somaxconn_is_raised_only_where_it_is_the_bound(long somaxconn, long limit, string? wanted)
    {
        var finding = new Scene().Set(Sysctl.Somaxconn, somaxconn).Listener(limit: limit, length: limit + 1).Judge("accept-queue-filling").Finding!;

        var change = finding.Changes.SingleOrDefault(change => change.Parameter == Sysctl.Somaxconn);
        change?.Value.ShouldBe(wanted);
        (change is null).ShouldBe(wanted is null);
    }

    [Theory]
    [InlineData(65535, 65535, null)]
    [InlineData(1048576, 65535, null)]
    [InlineData(1048576, 511, "a backlog of 4096 instead of 511 (")]
    [InlineData(1048576, 4096, "a backlog of 8192 instead of 4096 (")]
    [InlineData(1024, 511, "a backlog of 1024 instead of 511 (")]
    [InlineData(4096, 4096, "a backlog of 8192 instead of 4096 (")]
    public void An_application_is_told_a_backlog_that_is_larger_and_that_it_can_get(long somaxconn, long limit, string? told)
    {
        var changes = new Scene().Set(Sysctl.Somaxconn, somaxconn).Listener(limit: limit, length: limit + 1).Judge("accept-queue-filling").Finding!.Changes;

        var text = changes.SingleOrDefault(change => change.Text.Contains(" instead of ", StringComparison.Ordinal))?.Text;
        (text is null).ShouldBe(told is null, text);
        text?.ShouldContain(told!);
    }

    [Fact]
    public void Who_has_enough_is_left_out_where_another_has_not()
    {
        var changes = new Scene()
            .Set(Sysctl.Somaxconn, 65535)
            .Listener(port: 80, unit: "large.service", limit: 65535, length: 65536)
            .Listener(port: 81, unit: "small.service", limit: 8, length: 9)
            .Judge("accept-queue-filling").Finding!.Changes;

        changes.Where(change => change.Text.Contains(" instead of ", StringComparison.Ordinal)).ShouldHaveSingleItem().Text.ShouldStartWith("0.0.0.0:81 (small.service): listen with a backlog of 65535 instead of 8 ");
    }

    [Theory]
    [InlineData(8L << 30, 10, 10, "65536")]
    [InlineData(8L << 30, 131072, 131072, "262144")]
    [InlineData(1L << 30, 65536, 65536, null)]
    public void The_TIME_WAIT_table_grows_as_far_as_memory_allows(long memory, long held, long limit, string? wanted)
    {
        var finding = new Scene()
            .Set(Sysctl.TcpMaxTwBuckets, limit)
            .At(now => (now.Kernel.Sockstat.TcpTimeWait, now.Kernel.Machine.MemoryBytes) = (held, memory))
            .Judge("time-wait-near-limit").Finding!;

        finding.Changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpMaxTwBuckets)?.Value.ShouldBe(wanted);
        finding.Changes.Any(change => change.Parameter == Sysctl.TcpMaxTwBuckets).ShouldBe(wanted is not null);
    }

    [Fact]
    public void A_mistaken_tcp_mem_is_replaced_by_what_the_kernel_computes()
    {
        var finding = new Scene().Set(Sysctl.TcpMem, 386260992, 515022848, 772521984).Judge("tcp-mem-in-bytes").Finding!;

        var change = finding.Changes.ShouldHaveSingleItem();
        (change.Parameter, change.Old, change.Value).ShouldBe((Sysctl.TcpMem, "386260992 515022848 772521984", "98304 131072 196608"));
    }

    /// <summary>Whatever is wrong with the sizes, the values that are advised are sound, and no parameter is named twice.</summary>
    [Theory]
    [InlineData(8L << 30, 4096, 8388608, 6291456, 125738, "4096 131072 6291456", null)]
    [InlineData(8L << 30, 4096, 131072, 600_000_000, 125738, "4096 131072 6291456", null)]
    [InlineData(256L << 20, 4096, 131072, 33554432, 4096, "4096 131072 2097152", null)]
    [InlineData(8L << 30, 4096, 131072, 6291456, 1000, null, "98304 131072 196608")]
    [InlineData(8L << 30, 8192, 4096, 6291456, 1000, "4096 131072 6291456", "98304 131072 196608")]
    [InlineData(0, 4096, 131072, 600_000_000, 125738, "4096 131072 6291456", null)]
    public void Sizes_of_buffers_are_put_right(long memory, long least, long first, long most, long pressure, string? receive, string? mem)
    {
        var scene = new Scene()
            .Set(Sysctl.TcpRmem, least, first, most)
            .Set(Sysctl.TcpWmem, 4096, 16384, 65536)
            .Set(Sysctl.TcpMem, pressure / 4 * 3, pressure, pressure / 2 * 3)
            .At(now => now.Kernel.Machine.MemoryBytes = memory);

        var changes = scene.Judge("buffer-sizes-inconsistent").Finding!.Changes;

        changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpRmem)?.Value.ShouldBe(receive);
        changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpMem)?.Value.ShouldBe(mem);
        changes.Count.ShouldBe((receive is null ? 0 : 1) + (mem is null ? 0 : 1));
        foreach (var change in changes)
        {
            scene.Set(change.Parameter!.Value, [.. change.Value.Split(' ').Select(number => long.Parse(number, System.Globalization.CultureInfo.InvariantCulture))]);
        }

        scene.Judge("buffer-sizes-inconsistent").ShouldBe(Judgement.DoesNotHold);
    }

    [Fact]
    public void A_wider_range_comes_with_the_services_inside_it_reserved()
    {
        var scene = new Scene().Ports(28232).Listener(port: 20000).Listener(port: 20001).Listener(port: 9000).Listener(port: 33000, address: "127.0.0.1");
        scene.Now.Kernel.Sysctls.ReservedPorts.Add(8080);
        scene.Set(Sysctl.IpLocalReservedPorts, 1);

        var finding = scene.Judge("ports-exhausted").Finding!;

        finding.Title.ShouldBe("No local port is left for 10.0.0.2:5432");
        finding.Changes.Where(change => change.Parameter is not null).Select(change => (change.Parameter, change.Old, change.Value)).ShouldBe(
        [
            (Sysctl.IpLocalPortRange, "32768 60999", "16384 65535"),
            (Sysctl.IpLocalReservedPorts, "8080", "8080,20000-20001"),
        ]);
    }

    [Theory]
    [InlineData(0, 14116, false, "1")]
    [InlineData(2, 14116, false, "1")]
    [InlineData(2, 14115, false, null)]
    [InlineData(1, 0, false, null)]
    [InlineData(0, 28232, true, "2")]
    public void Ports_in_TIME_WAIT_are_taken_over_where_that_would_help(long reuse, int timeWait, bool isLoopback, string? advised)
    {
        var finding = new Scene().Set(Sysctl.TcpTwReuse, reuse).Ports(28232, timeWait: timeWait, isLoopback: isLoopback).Judge("ports-exhausted").Finding!;

        finding.Changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpTwReuse)?.Value.ShouldBe(advised);
        finding.Changes.Any(change => change.Parameter == Sysctl.TcpTwReuse).ShouldBe(advised is not null);
    }

    [Fact]
    public void Without_timestamps_it_is_those_that_are_asked_for()
    {
        var finding = new Scene().Set(Sysctl.TcpTimestamps, 0).Ports(28232, timeWait: 28232, isLoopback: true).Judge("ports-exhausted").Finding!;

        finding.Changes.Single(change => change.Parameter == Sysctl.TcpTimestamps).Value.ShouldBe("1");
        finding.Changes.ShouldNotContain(change => change.Parameter == Sysctl.TcpTwReuse);
    }

    [Fact]
    public void Each_application_is_told_once_and_those_without_owner_each_for_itself()
    {
        var scene = new Scene().Listener(port: 80, unit: "nginx.service", limit: 128).Listener(port: 443, unit: "nginx.service", limit: 128);
        for (ushort port = 9000; port < 9006; port++)
        {
            scene.Listener(port: port, unit: "", limit: 128);
        }

        var changes = scene.Judge("backlog-below-somaxconn").Finding!.Changes;

        changes.Select(change => change.Text.Split(' ')[0]).ShouldBe(["0.0.0.0:80", "0.0.0.0:9000:", "0.0.0.0:9001:", "0.0.0.0:9002:", "0.0.0.0:9003:", "The"]);
        changes[^1].Text.ShouldContain("2 more");
    }

    [Fact]
    public void A_leak_is_the_owners_that_the_sweep_found()
    {
        var finding = new Scene()
            .Listener(port: 8443, unit: "billing.service")
            .Sockets(TcpState.CloseWait, 300)
            .Open(400)
            .SweptCloseWait(290)
            .Judge("close-wait-leak").Finding!;

        finding.Title.ShouldBe("0.0.0.0:8443 (billing.service) does not close its connections: at least 300 in CLOSE_WAIT at every look");
        finding.Measured[^1].ShouldContain("no listener");
        finding.Changes.ShouldAllBe(change => change.Parameter == null);
    }

    [Theory]
    [InlineData("nginx.service", "backlog=N")]
    [InlineData("redis-server.service", "tcp-backlog")]
    [InlineData("sshd.socket", "Backlog=N")]
    [InlineData("postgresql@16-main.service", "max_connections")]
    [InlineData("", "listen(2)")]
    public void Known_applications_have_a_setting_of_their_own(string unit, string setting) =>
        Applications.BacklogSetting(unit).ShouldContain(setting);

    [Fact]
    public void Sets_of_ports_are_written_as_the_kernel_reads_them()
    {
        var ports = new PortSet();
        PortRanges.Format(ports).ShouldBe("");
        foreach (var port in new ushort[] { 0, 8080, 9000, 9001, 9002, 65534, 65535 })
        {
            ports.Add(port);
        }

        PortRanges.Format(ports).ShouldBe("0,8080,9000-9002,65534-65535");
    }
}
