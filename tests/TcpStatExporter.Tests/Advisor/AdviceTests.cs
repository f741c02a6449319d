using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

/// <summary>The advice in findings: values that suit the machine, and the application by name.</summary>
public sealed class AdviceTests
{
    [Fact]
    public void A_listener_with_losses_is_named_with_its_owner_and_its_setting()
    {
        var finding = new Scene()
            .Listener(port: 443, unit: "nginx.service", length: 512, limit: 511, dropped: 44)
            .Listener(port: 22, unit: "ssh.service")
            .Count("ListenDrops", 44)
            .Count("ListenOverflows", 44)
            .Judge("listener-dropping").Finding!;

        finding.Title.ShouldBe("0.0.0.0:443 (nginx.service) is losing connections");
        finding.Listeners.Select(listener => listener.Unit).ShouldBe(["nginx.service"]);
        finding.Measured[0].ShouldBe("0.0.0.0:443 (nginx.service): lost 44 in 60 s; accept queue 512 now, up to 512, limit 511");
        finding.Changes.ShouldContain(change => change.Text.Contains("a backlog of 4096 instead of 511", StringComparison.Ordinal)
            && change.Text.Contains("backlog=N", StringComparison.Ordinal) && change.Text.EndsWith("then reload it: it calls listen(2) again", StringComparison.Ordinal));
        finding.Changes.ShouldAllBe(change => change.Parameter == null);
    }

    [Theory]
    [InlineData(128, 128, "4096")]
    [InlineData(4096, 4096, "8192")]
    [InlineData(65535, 65535, null)]
    [InlineData(4096, 128, null)]
    [InlineData(128, 8, null)]
    public void Somaxconn_is_raised_only_if_it_is_the_limit(long somaxconn, long limit, string? wanted)
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
    public void The_suggested_backlog_is_larger_and_within_somaxconn(long somaxconn, long limit, string? told)
    {
        var changes = new Scene().Set(Sysctl.Somaxconn, somaxconn).Listener(limit: limit, length: limit + 1).Judge("accept-queue-filling").Finding!.Changes;

        var text = changes.SingleOrDefault(change => change.Text.Contains(" instead of ", StringComparison.Ordinal))?.Text;
        (text is null).ShouldBe(told is null, text);
        text?.ShouldContain(told!);
    }

    [Fact]
    public void Listeners_with_enough_backlog_are_left_out()
    {
        var changes = new Scene()
            .Set(Sysctl.Somaxconn, 65535)
            .Listener(port: 80, unit: "large.service", limit: 65535, length: 65536)
            .Listener(port: 81, unit: "small.service", limit: 8, length: 9)
            .Judge("accept-queue-filling").Finding!.Changes;

        changes.Where(change => change.Text.Contains(" instead of ", StringComparison.Ordinal)).ShouldHaveSingleItem().Text.ShouldStartWith("0.0.0.0:81 (small.service): listen with a backlog of 4096 instead of 8 ");
    }

    /// <summary>
    /// Full nearly all the time at 18 accepts per second: a backlog of 4096 would mean waiting for 228 s, so it is not
    /// suggested.
    /// </summary>
    [Theory]
    [InlineData(1080, true, "it accepts 18 connections a second. Add workers, or do less work per request. With a backlog of 4,096 the last client in the queue would wait 228 s")]
    [InlineData(1080, false, "this host accepts 18 connections a second in total. Add workers, or do less work per request. With a backlog of 4,096 the last client in the queue would wait at least 228 s")]
    [InlineData(0, true, "it accepts nothing. Find out why (a hung or busy process, no descriptors left) and restart it. No backlog helps.")]
    public void A_queue_that_is_full_nearly_all_the_time_needs_more_capacity(ulong opened, bool isAlone, string told)
    {
        var scene = new Scene()
            .Listener(port: 9000, unit: "app.service", length: 9, limit: 8, dropped: 700, fullLooks: 58, otherLooks: 2)
            .Listener(port: 443, unit: "nginx.service")
            .Count("ListenDrops", 700)
            .Count("ListenOverflows", 700)
            .Count("PassiveOpens", opened);
        if (!isAlone)
        {
            var other = new TcpStatExporter.Sampling.SweepListener { Identity = scene.Now.Listeners[1].Identity };
            other.Connections[TcpState.Established] = 5;
            scene.Now.Sweep.Listeners.Add(other);
        }

        var changes = scene.Judge("listener-dropping").Finding!.Changes;

        changes.ShouldNotContain(change => change.Text.Contains("instead of", StringComparison.Ordinal) || change.Parameter != null);
        changes[^1].Text.ShouldStartWith("0.0.0.0:9000 (app.service): its queue is full 97 % of the time, so this is capacity, not a burst");
        changes[^1].Text.ShouldEndWith(told);
    }

    /// <summary>
    /// Full in bursts: what waited plus what was lost in the largest burst shows how long the queue should have been.
    /// </summary>
    [Fact]
    public void A_queue_that_is_full_in_bursts_needs_a_backlog_for_the_largest_burst()
    {
        var scene = new Scene()
            .Listener(port: 9000, unit: "app.service", peak: 129, limit: 128, dropped: 400, fullLooks: 2, otherLooks: 58)
            .Count("ListenDrops", 400)
            .Count("ListenOverflows", 400);
        scene.Now.Listeners[0].Lost = default;
        foreach (var (second, lost) in ((int, ulong)[])[(1, 10), (20, 100), (21, 222), (50, 68)])
        {
            ref var listener = ref scene.Now.Listeners[0];
            listener.Lost += new TcpStatExporter.Sampling.LossCounts(lost, 0, 0);
            listener.LastLoss = TimeSpan.FromSeconds(second);
            scene.Now.ListenersAt = TimeSpan.FromSeconds(second);
            scene.Bursts.Observe(scene.Now);
        }

        scene.Now.Listeners[0].Lost = new TcpStatExporter.Sampling.LossCounts(400, 0, 0);
        var changes = scene.Judge("listener-dropping").Finding!.Changes;

        changes[^1].Text.ShouldBe(
            "0.0.0.0:9000 (app.service): listen with a backlog of 512 instead of 128; the largest burst seen needed 451 (the application's own setting, the second argument of listen(2)), then restart it: a backlog is fixed at listen(2)");
    }

    [Fact]
    public void A_backlog_that_nobody_can_change_is_not_suggested()
    {
        var changes = new Scene().Listener(port: 22, unit: "ssh.service", length: 129, limit: 128, dropped: 30).Count("ListenDrops", 30).Judge("listener-dropping").Finding!.Changes;

        changes.ShouldNotContain(change => change.Text.Contains("instead of", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ssh.service", false)]
    [InlineData("sshd@3.service", false)]
    [InlineData("ssh.socket", true)]
    [InlineData("sshguard.service", true)]
    [InlineData("", true)]
    public void Only_sshd_has_a_hard_coded_backlog(string unit, bool canChange) => Applications.CanChangeBacklog(unit).ShouldBe(canChange);

    [Theory]
    [InlineData(10, 10, "room for 65,536, at about 300 bytes each")]
    [InlineData(65536, 65536, "room for twice as many")]
    public void A_larger_TIME_WAIT_table_is_called_what_it_is(long held, long limit, string told) =>
        new Scene().Set(Sysctl.TcpMaxTwBuckets, limit).At(now => now.Kernel.Sockstat.TcpTimeWait = held).Judge("time-wait-near-limit").Finding!.Changes[0].Text.ShouldBe(told);

    [Theory]
    [InlineData(8L << 30, 10, 10, "65536")]
    [InlineData(8L << 30, 131072, 131072, "262144")]
    [InlineData(1L << 30, 65536, 65536, null)]
    public void The_TIME_WAIT_table_grows_as_far_as_memory_allows(long memory, long held, long limit, string? wanted)
    {
        var finding = new Scene()
            .Set(Sysctl.TcpMaxTwBuckets, limit)
            .At(now => (now.Kernel.Sockstat.TcpTimeWait, now.Host.Machine.MemoryBytes) = (held, memory))
            .Judge("time-wait-near-limit").Finding!;

        finding.Changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpMaxTwBuckets)?.Value.ShouldBe(wanted);
        finding.Changes.Any(change => change.Parameter == Sysctl.TcpMaxTwBuckets).ShouldBe(wanted is not null);
    }

    [Fact]
    public void A_wrong_tcp_mem_is_replaced_by_what_the_kernel_computes()
    {
        var finding = new Scene().Set(Sysctl.TcpMem, 386260992, 515022848, 772521984).Judge("tcp-mem-in-bytes").Finding!;

        var change = finding.Changes.ShouldHaveSingleItem();
        (change.Parameter, change.Old, change.Value).ShouldBe((Sysctl.TcpMem, "386260992 515022848 772521984", "98304 131072 196608"));
    }

    /// <summary>Whatever is wrong with the sizes, the suggested values are consistent, and no parameter is named twice.</summary>
    [Theory]
    [InlineData(8L << 30, 4096, 8388608, 6291456, 125738, "4096 131072 6291456", null)]
    [InlineData(8L << 30, 4096, 131072, 600_000_000, 125738, "4096 131072 6291456", null)]
    [InlineData(256L << 20, 4096, 131072, 33554432, 4096, "4096 131072 2097152", null)]
    [InlineData(8L << 30, 4096, 131072, 6291456, 1000, null, "98304 131072 196608")]
    [InlineData(8L << 30, 8192, 4096, 6291456, 1000, "4096 131072 6291456", "98304 131072 196608")]
    [InlineData(0, 4096, 131072, 600_000_000, 125738, "4096 131072 6291456", null)]
    public void Buffer_sizes_are_corrected(long memory, long least, long first, long most, long pressure, string? receive, string? mem)
    {
        var scene = new Scene()
            .Set(Sysctl.TcpRmem, least, first, most)
            .Set(Sysctl.TcpWmem, 4096, 16384, 65536)
            .Set(Sysctl.TcpMem, pressure / 4 * 3, pressure, pressure / 2 * 3)
            .At(now => now.Host.Machine.MemoryBytes = memory);

        var changes = scene.Judge("buffer-sizes-inconsistent").Finding!.Changes;

        changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpRmem)?.Value.ShouldBe(receive);
        changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpMem)?.Value.ShouldBe(mem);
        changes.Count.ShouldBe((receive is null ? 0 : 1) + (mem is null ? 0 : 1));
        foreach (var change in changes)
        {
            scene.Set(change.Parameter!.Value, [.. change.Value.Split(' ').Select(number => long.Parse(number, System.Globalization.CultureInfo.InvariantCulture))]);
        }

        scene.Judge("buffer-sizes-inconsistent").ShouldBe(RuleResult.DoesNotHold);
    }

    [Fact]
    public void A_wider_range_comes_with_the_services_inside_it_reserved()
    {
        var scene = new Scene().Ports(28232).Listener(port: 20000).Listener(port: 20001).Listener(port: 9000).Listener(port: 33000, address: "127.0.0.1");
        scene.Now.Kernel.Sysctls.ReservedPorts.Add(8080);
        scene.Set(Sysctl.IpLocalReservedPorts, 1);

        var finding = scene.Judge("ports-exhausted").Finding!;

        finding.Title.ShouldBe("No ephemeral port is left for 10.0.0.2:5432");
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
    public void Ports_in_TIME_WAIT_are_reused_if_that_helps(long reuse, int timeWait, bool isLoopback, string? advised)
    {
        var finding = new Scene().Set(Sysctl.TcpTwReuse, reuse).Ports(28232, timeWait: timeWait, isLoopback: isLoopback).Judge("ports-exhausted").Finding!;

        finding.Changes.SingleOrDefault(change => change.Parameter == Sysctl.TcpTwReuse)?.Value.ShouldBe(advised);
        finding.Changes.Any(change => change.Parameter == Sysctl.TcpTwReuse).ShouldBe(advised is not null);
    }

    [Fact]
    public void Without_timestamps_it_suggests_timestamps()
    {
        var finding = new Scene().Set(Sysctl.TcpTimestamps, 0).Ports(28232, timeWait: 28232, isLoopback: true).Judge("ports-exhausted").Finding!;

        finding.Changes.Single(change => change.Parameter == Sysctl.TcpTimestamps).Value.ShouldBe("1");
        finding.Changes.ShouldNotContain(change => change.Parameter == Sysctl.TcpTwReuse);
    }

    [Fact]
    public void Each_application_has_one_line_and_listeners_without_owner_one_each()
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
    public void A_leak_names_the_owners_of_accepted_connections()
    {
        var finding = new Scene()
            .Listener(port: 8443, unit: "billing.service")
            .Listener(port: 80, unit: "innocent.service", length: 7)
            .Sockets(TcpState.CloseWait, 300)
            .Open(400)
            .SweptCloseWait(290)
            .SweptCloseWait(7, listener: 1)
            .Holds(290, "billing.service")
            .Holds(10, "batch.service", "10.0.0.2")
            .Judge("close-wait-leak").Finding!;

        finding.Title.ShouldBe("0.0.0.0:8443 (billing.service) does not close its connections: at least 300 always in CLOSE_WAIT");
        finding.Listeners.ShouldHaveSingleItem().Unit.ShouldBe("billing.service");
        finding.Measured.ShouldContain("billing.service holds 290 that it accepted", StringComparer.Ordinal);
        finding.Measured.ShouldContain("batch.service holds 10 that it opened to 10.0.0.2:5432", StringComparer.Ordinal);
        finding.Changes.ShouldAllBe(change => change.Parameter == null);
    }

    [Fact]
    public void A_leak_of_outgoing_connections_has_an_owner_too()
    {
        var finding = new Scene().Sockets(TcpState.CloseWait, 300).Open(400).Holds(300, "batch.service", "10.0.0.2").Judge("close-wait-leak").Finding!;

        finding.Title.ShouldBe("batch.service does not close its connections to 10.0.0.2:5432: at least 300 always in CLOSE_WAIT");
    }

    [Fact]
    public void Ports_have_an_owner()
    {
        var finding = new Scene().Ports(28232).At(now => now.Sweep.ScarcestUnit = "batch.service").Judge("ports-exhausted").Finding!;

        finding.Title.ShouldBe("No ephemeral port is left for 10.0.0.2:5432: batch.service holds most of them");
        finding.Changes[0].Text.ShouldStartWith("Have batch.service keep connections");
    }

    [Fact]
    public void A_destination_that_does_not_answer_is_named_with_its_clients()
    {
        var finding = new Scene().Waits(12, seconds: 700, unit: "api.service").Waits(3, seconds: 700, destination: "10.0.0.3").Count("ActiveOpens", 140).Judge("connect-unanswered").Finding!;

        finding.Title.ShouldBe("10.0.0.2:5432 (asked by api.service) and 1 more do not answer connection requests");
        finding.Measured[0].ShouldBe("10.0.0.2:5432 (asked by api.service): 12 wait for an answer now, some at every sample for 30 s; up to 0 had to repeat their SYN");
        finding.Measured[^1].ShouldStartWith("a connect takes 5 s on average in 60 s");
    }

    /// <summary>Findings that most hosts have are shown only on request, and a healthy host shows no permanent hint.</summary>
    [Fact]
    public void A_healthy_Debian_has_no_hints()
    {
        var advice = new Scene()
            .Listener(port: 22, unit: "ssh.service", limit: 128)
            .Listener(port: 25, unit: "postfix.service", limit: 100)
            .Listener(port: 50051, unit: "grpc.service", limit: 128)
            .Listener(port: 9100, unit: "prometheus-node-exporter.service", limit: 4096)
            .Advise();

        advice.Findings.ShouldBeEmpty();
        advice.Verdict.ShouldBe(new Verdict(VerdictLevel.Good, "Nothing to worry about", ""));
        advice.Told(isAll: true).Select(found => found.Rule.Id).ShouldBe(["backlog-below-somaxconn", "port-range-shares-listeners"]);
        new TextReport(100, isColoured: false).Write(advice).ShouldContain("Not shown because most hosts have it (use --all to show):\n  backlog-below-somaxconn, port-range-shares-listeners\n");
    }

    /// <summary>One fault, one finding: its consequences are not reported as well.</summary>
    [Fact]
    public void A_full_queue_is_reported_once()
    {
        var advice = new Scene()
            .Listener(port: 8080, unit: "web.service", length: 9, limit: 8, dropped: 300, fullLooks: 60)
            .Count("ListenDrops", 600)
            .Count("ListenOverflows", 600)
            .Count("RetransSegs", 900)
            .Count("OutSegs", 50)
            .Count("TCPSynRetrans", 400)
            .At(now => now.Kernel.CloseWaitUnaccepted = 9)
            .Advise();

        advice.Told(isAll: true).Select(found => found.Rule.Id).ShouldBe(["listener-dropping"]);
    }

    [Theory]
    [InlineData("nginx.service", "backlog=N")]
    [InlineData("redis-server.service", "tcp-backlog")]
    [InlineData("sshd.socket", "Backlog=N")]
    [InlineData("postgresql@16-main.service", "max_connections")]
    [InlineData("", "listen(2)")]
    public void Known_applications_have_their_own_setting(string unit, string setting) =>
        Applications.BacklogSetting(unit).ShouldContain(setting);

    [Fact]
    public void Sets_of_ports_have_the_kernels_format()
    {
        var ports = new PortSet();
        PortRanges.Format(ports).ShouldBe("");
        foreach (var port in new ushort[] { 0, 8080, 9000, 9001, 9002, 65534, 65535 })
        {
            ports.Add(port);
        }

        PortRanges.Format(ports).ShouldBe("0,8080,9000-9002,65534-65535");
    }

    /// <summary>
    /// An application that requested all that rmem_max allows needs a larger rmem_max. One that did not request it does not.
    /// </summary>
    [Theory]
    [InlineData(212_992, 425_984, 425_984, "8388608")]
    [InlineData(212_992, 851_968, 212_992, null)]
    [InlineData(212_992, 0, 0, null)]
    [InlineData(16_777_216, 33_554_432, 33_554_432, null)]
    public void A_UDP_receiver_needs_a_larger_rmem_max_only_if_it_has_reached_it(long most, long limit, long largest, string? wanted)
    {
        var finding = new Scene().Set(Sysctl.RmemMax, most).At(now =>
        {
            now.UdpDrops = 900;
            now.UdpReceivers.Add(new UdpSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 514, ""), Drops = 5000 });
            now.UdpReceivers.Add(new UdpSample
            {
                Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 53, "unbound.service"),
                Drops = 900,
                QueueBytes = 1000,
                LimitBytes = limit,
                LargestLimitBytes = largest,
            });
        }).Judge("udp-receiver-drops").Finding!;
        finding.Changes.SingleOrDefault(change => change.Parameter == Sysctl.RmemMax)?.Value.ShouldBe(wanted);
        finding.Changes.Count(change => change.Parameter == null).ShouldBe(2);
        finding.Measured.Count.ShouldBe(3);
        finding.Measured[2].ShouldContain(limit > 0 ? "bytes" : "receive queue 1,000 bytes");
    }

    [Fact]
    public void The_UDP_receiver_that_drops_now_is_named_whatever_another_dropped_before()
    {
        var before = new UdpSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 514, "rsyslog.service"), Drops = 5000 };
        var now = new UdpSample { Identity = new ListenerIdentity(IpAddress.FromIPv4(0), 53, "unbound.service"), Drops = 900 };
        var scene = new Scene().At(sample =>
        {
            sample.UdpDrops = 5900;
            sample.UdpReceivers.Add(before);
            sample.UdpReceivers.Add(now);
        });
        scene.Earlier.UdpReceivers.Add(before);
        scene.Judge("udp-receiver-drops").Finding!.Title.ShouldBe("UDP receiver 0.0.0.0:53 (unbound.service) drops datagrams");
    }

    [Fact]
    public void Retransmissions_name_the_peers_with_most()
    {
        var scene = new Scene().Count("RetransSegs", 2000).Count("OutSegs", 6000);
        Measured().Count.ShouldBe(4, "nothing is known of peers");
        for (var i = 1; i <= 6; i++)
        {
            scene.Resent($"10.0.0.{i}:5432", 102_400, 51_200, i == 1 ? 0.12 : double.NaN, connections: i);
        }

        var lines = Measured();
        lines.Count.ShouldBe(4 + 1 + 5);
        lines[4].ShouldBe("by peer, between the last two scans of all sockets (5.0 s apart), most retransmitted bytes first. Short connections are missed: only those open at both scans count:");
        lines[5].ShouldBe("10.0.0.1:5432: 50 KiB retransmitted of 100 KiB sent (50 %), round trip 120 ms, 1 connection");
        lines[6].ShouldBe("10.0.0.2:5432: 50 KiB retransmitted of 100 KiB sent (50 %), 2 connections");
        scene.Fail(SourceId.Sweep);
        Measured().Count.ShouldBe(4);

        IReadOnlyList<string> Measured() => scene.Judge("retransmissions").Finding!.Measured;
    }

    [Fact]
    public void An_idle_timeout_comes_with_its_evidence()
    {
        var finding = new Scene().Listener(port: 8080).ClosesIdle(5.04, closes: 40).Judge("keepalive-timeout-short").Finding!;
        finding.Title.ShouldBe("0.0.0.0:8080 (web.service) closes idle connections after about 5.0 s");
        finding.Measured.ShouldBe(["0.0.0.0:8080 (web.service): 40 of the last connections that it closed first had been idle for about 5.0 s; none was idle for longer at the last scan of all sockets. An estimate: a connection on which data went between the last scan that saw it and its close counts as idle for too long"]);
        finding.Why.ShouldContain("Most load balancers assume 60 s.");
        new Scene().Listener(port: 8080).ClosesIdle(5, closes: 40, longer: 3).Judge("keepalive-timeout-short").Finding!.Measured[0].ShouldContain("; 3 were idle for longer at");
    }

    [Fact]
    public void Idle_connections_are_told_by_listener_and_destination()
    {
        var scene = new Scene().Listener(port: 8080).Count("TCPAbortOnTimeout", 13).Idle(12, late: 3);
        scene.Now.Sweep.Listeners.Add(new SweepListener { Identity = scene.Now.Listeners[0].Identity, IdleWithoutKeepalive = 4 });
        scene.Now.Sweep.IdlePeers.Add(new PeerTraffic { Peer = new PeerName("10.0.0.2:5432"), Connections = 8 });
        var finding = scene.Judge("keepalive-late").Finding!;
        finding.Title.ShouldBe("Open connections time out without an answer, and 15 are idle for longer than load balancers remember them");
        finding.Measured.Take(3).ShouldBe(
        [
            "12 established connections to other hosts were idle for 350 s or longer at the last scan of all sockets, without keepalive; 3 with a keepalive that starts later. Keepalives of the peer are not seen here",
            "accepted by 0.0.0.0:8080 (web.service): 4",
            "opened to 10.0.0.2:5432: 8",
        ]);
        finding.Measured.Count.ShouldBe(5);
        scene.Fail(SourceId.Sweep).Judge("keepalive-late").Finding!.Title.ShouldBe("Open connections time out without an answer, and keepalive starts only after 7200 s");
    }

    /// <summary>An existing queue keeps its limit: only one at the cap is helped by a higher one.</summary>
    [Fact]
    public void A_full_queue_of_a_Unix_socket_needs_a_larger_somaxconn_only_if_its_limit_has_reached_it()
    {
        var below = new Scene().Unix(512, 511, seconds: 7).Judge("unix-queue-full").Finding!;
        below.Title.ShouldBe("The accept queue of /run/0.sock (php8.2-fpm.service) is full");
        below.Measured.ShouldBe(["/run/0.sock (php8.2-fpm.service): queue 512, limit 511, full for 7 s"]);
        below.Changes.ShouldAllBe(change => change.Parameter == null);
        below.Changes[^1].Text.ShouldContain("listen.backlog");

        var capped = new Scene().Set(Sysctl.Somaxconn, 128).Unix(129, 128, seconds: 30).Unix(400, 100, seconds: 9, unit: "").Judge("unix-queue-full").Finding!;
        capped.Title.ShouldBe("The accept queue of /run/1.sock is full, and that of another AF_UNIX listener");
        capped.Measured[0].ShouldBe("/run/1.sock: queue 400, limit 100, full for 9 s, made by uid 33");
        capped.Changes.Single(change => change.Parameter == Sysctl.Somaxconn).Value.ShouldBe("4096");
    }
}
