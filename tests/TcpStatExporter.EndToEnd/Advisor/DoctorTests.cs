using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>
/// For each fault, made on the real kernel: doctor finds it and its listener. After the suggested change, the finding is
/// gone.
/// </summary>
public sealed class DoctorTests
{
    private const int NothingFound = 0;
    private const int Warnings = 1;
    private const int Critical = 2;
    private const int CouldNotJudge = 3;
    private const int WrongValue = 2;

    [Fact]
    public void A_quiet_namespace_has_no_findings()
    {
        using var ns = NetNamespace.Create();

        var doctor = Doctor.Examine(ns);

        doctor.Found.ShouldBeEmpty();
        doctor.Result.ExitCode.ShouldBe(NothingFound);
        doctor.Result.Error.ShouldBeEmpty();
    }

    [Fact]
    public void A_listener_that_never_accepts_is_named_and_no_backlog_is_suggested()
    {
        using var ns = NetNamespace.Create();
        using var idle = new AcceptQueueFull(ns, backlog: 4096, clients: 0);
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 40);

        var sick = Doctor.ExamineBusy(ns, fault.Listener);

        sick.Found.ShouldBe(["listener-dropping"]);
        sick.Listeners("listener-dropping").ShouldBe([fault.Listener]);
        var changes = sick.Finding("listener-dropping").GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("text").GetString()!).ToArray();
        changes[^1].ShouldContain("it accepts nothing");
        changes.ShouldNotContain(change => change.Contains("instead of", StringComparison.Ordinal));
        sick.Result.ExitCode.ShouldBe(Critical);
    }

    [Fact]
    public void A_full_queue_without_new_clients_is_filling_and_has_no_losses()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        fault.StopRetries();

        var doctor = Doctor.Examine(ns);

        doctor.Found.ShouldBe(["accept-queue-filling"]);
        doctor.Listeners("accept-queue-filling").ShouldBe([fault.Listener]);
        doctor.Result.ExitCode.ShouldBe(Warnings);
    }

    [Fact]
    public void A_small_somaxconn_is_distinguished_from_a_small_backlog_and_a_new_value_applies_at_the_next_listen()
    {
        using var ns = NetNamespace.Create();
        ns.SetSysctl("net.core.somaxconn", "16");
        Doctor sick;
        using (var calm = new AcceptQueueFull(ns, backlog: 1000, clients: 0))
        {
            Doctor.Examine(ns).Found.ShouldBeEmpty("it is told only when asked");
            sick = Doctor.Examine(ns, "--all");
            sick.Found.ShouldBe(["somaxconn-caps-backlog"]);
            sick.Listeners("somaxconn-caps-backlog").ShouldBe([calm.Listener]);
            sick.Apply(ns, "somaxconn-caps-backlog").ShouldBe(1);
            Doctor.Examine(ns, "--all").Found.ShouldBe(["backlog-below-somaxconn"], "a listener that is open keeps its limit");
        }

        using var healed = new AcceptQueueFull(ns, backlog: sick.AdvisedBacklog("somaxconn-caps-backlog"), clients: 40);
        Doctor.Examine(ns, "--for", "4s", "--all").Found.ShouldBe(["accept-queue-wait"], "all have room, and nobody accepts them");
    }

    [Fact]
    public void One_stuck_worker_of_a_group_is_distinguished_from_a_small_backlog()
    {
        using var ns = NetNamespace.Create();
        using var fault = new OneFullOfGroup(ns, sockets: 4, backlog: 8, clients: 40);

        var sick = Doctor.ExamineBusy(ns, fault.Listener);

        sick.Listeners("listener-stuck-worker").ShouldBe([fault.Listener]);
        sick.Found.ShouldNotContain("listener-dropping", StringComparer.Ordinal);
        sick.Result.ExitCode.ShouldBe(Critical);

        fault.StopRetries();
        fault.CloseFull();
        Doctor.Examine(ns).Found.ShouldNotContain("listener-stuck-worker", StringComparer.Ordinal);
    }

    [Fact]
    public void SYNs_are_no_longer_dropped_once_cookies_are_on()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("web");
        Doctor sick;
        using (var fault = unit.Run(() => new SynQueueFull(ns, syncookies: 0)))
        {
            sick = Doctor.ExamineBusy(ns, fault.Listener);
            sick.Listeners("syn-queue-dropping").ShouldBe([fault.Listener]);
            sick.Owner("syn-queue-dropping").ShouldBe(unit.Name);
            sick.Found.ShouldContain("syncookies-off", StringComparer.Ordinal);
            sick.Found.ShouldNotContain("listener-dropping", StringComparer.Ordinal);
            sick.Result.ExitCode.ShouldBe(Critical);
            sick.Apply(ns, "syn-queue-dropping").ShouldBe(1);
            fault.StopRetries();
        }

        ns.GetSysctl("net.ipv4.tcp_syncookies").ShouldBe("1");
        using var again = new SynQueueFull(ns, syncookies: 1);
        var well = Doctor.Examine(ns, "--for", "4s");
        well.Found.ShouldNotContain("syn-queue-dropping", StringComparer.Ordinal);
        well.Found.ShouldNotContain("syncookies-off", StringComparer.Ordinal);
    }

    [Fact]
    public void Without_cookies_three_quarters_of_tcp_max_syn_backlog_drop_SYNs_too()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "0");
        server.SetSysctl("net.ipv4.tcp_max_syn_backlog", "256");
        using var unit = new ServiceUnit("web");
        using var fault = unit.Run(() => new SynFlood(server, attacker, backlog: 4096, syns: 0));

        var doctor = Doctor.ExamineDuring(server, () => fault.SendSyns(400));

        doctor.Listeners("syn-queue-dropping").ShouldBe([fault.Listener]);
        doctor.Owner("syn-queue-dropping").ShouldBe(unit.Name);
        doctor.Apply(server, "syn-queue-dropping").ShouldBe(1);
        Doctor.ExamineDuring(server, () => fault.SendSyns(400)).Found.ShouldNotContain("syn-queue-dropping", StringComparer.Ordinal);
    }

    [Fact]
    public void A_full_SYN_queue_with_cookies_is_named_and_the_suggested_backlog_fixes_it()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("web");
        Doctor sick;
        using (var fault = unit.Run(() => new SynQueueFull(ns, syncookies: 1)))
        {
            sick = Doctor.ExamineBusy(ns, fault.Listener);
            sick.Listeners("syn-queue-overflowing").ShouldBe([fault.Listener]);
            sick.Owner("syn-queue-overflowing").ShouldBe(unit.Name);
            sick.Result.ExitCode.ShouldBe(Warnings);
        }

        using var healed = new SynQueueFull(ns, syncookies: 1, backlog: sick.AdvisedBacklog("syn-queue-overflowing"));
        Doctor.Examine(ns).Found.ShouldNotContain("syn-queue-overflowing", StringComparer.Ordinal);
    }

    [Fact]
    public void Cookies_for_every_SYN_are_not_an_overflow_and_mode_1_ends_them()
    {
        using var ns = NetNamespace.Create();
        using var fault = new SynQueueFull(ns, syncookies: 2);

        var sick = Doctor.Examine(ns);

        sick.Found.ShouldContain("syncookies-always", StringComparer.Ordinal);
        sick.Found.ShouldNotContain("syn-queue-overflowing", StringComparer.Ordinal);
        sick.Apply(ns, "syncookies-always").ShouldBe(1);
        Doctor.Examine(ns).Found.ShouldNotContain("syncookies-always", StringComparer.Ordinal);
    }

    [Fact]
    public void ACKs_without_a_valid_cookie_are_reported_while_they_arrive()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "1");
        using var fault = new SynFlood(server, attacker, backlog: 128, syns: 2000);

        Doctor.ExamineDuring(server, () => fault.SendBadCookies(25)).Found.ShouldContain("syncookies-failed", StringComparer.Ordinal);
        Doctor.Examine(server).Found.ShouldNotContain("syncookies-failed", StringComparer.Ordinal, "nobody sends them any more");
    }

    [Fact]
    public void A_full_TIME_WAIT_table_is_enlarged()
    {
        using var ns = NetNamespace.Create();
        using var fault = new TimeWaitOverflow(ns, buckets: 10, closes: 50);

        var sick = Doctor.Examine(ns);
        sick.Found.ShouldContain("time-wait-near-limit", StringComparer.Ordinal);
        sick.Apply(ns, "time-wait-near-limit").ShouldBe(1);
        Doctor.Examine(ns).Found.ShouldNotContain("time-wait-near-limit", StringComparer.Ordinal);

        var again = Doctor.ExamineDuring(ns, () => new TimeWaitOverflow(ns, buckets: 10, closes: 50).Dispose());
        again.Found.ShouldContain("time-wait-full", StringComparer.Ordinal);
        again.Result.ExitCode.ShouldBe(Warnings);
        again.Apply(ns, "time-wait-full").ShouldBe(1);

        var advised = int.Parse(ns.GetSysctl("net.ipv4.tcp_max_tw_buckets"), System.Globalization.CultureInfo.InvariantCulture);
        var healed = Doctor.ExamineDuring(ns, () => new TimeWaitOverflow(ns, buckets: advised, closes: 50).Dispose());
        healed.Found.ShouldNotContain(id => id.StartsWith("time-wait", StringComparison.Ordinal));
    }

    [Fact]
    public void A_TIME_WAIT_table_of_size_0_is_reported_once_it_has_overflowed()
    {
        using var ns = NetNamespace.Create();
        using var fault = new TimeWaitOverflow(ns, buckets: 0, closes: 1);

        var sick = Doctor.Examine(ns);
        sick.Finding("time-wait-near-limit").GetProperty("title").GetString()!.ShouldStartWith("tcp_max_tw_buckets is 0");
        sick.Apply(ns, "time-wait-near-limit").ShouldBe(1);
        Doctor.Examine(ns).Found.ShouldNotContain(id => id.StartsWith("time-wait", StringComparison.Ordinal));
    }

    [Fact]
    public void A_CLOSE_WAIT_leak_names_the_listener_and_ends_with_its_process()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("billing");
        using (var fault = unit.Run(() => new CloseWaitLeak(ns, accepted: 30, unaccepted: 0)))
        {
            var sick = Doctor.Examine(ns);
            sick.Listeners("close-wait-leak").ShouldBe([fault.Listener]);
            sick.Owner("close-wait-leak").ShouldBe(unit.Name);
            sick.Finding("close-wait-leak").GetProperty("title").GetString().ShouldBe($"{unit.Owning(fault.Listener)} does not close its connections: at least 30 always in CLOSE_WAIT");
            sick.Result.ExitCode.ShouldBe(Warnings);
        }

        Doctor.Examine(ns).Found.ShouldNotContain("close-wait-leak", StringComparer.Ordinal);
    }

    /// <summary>Always 25 connections in CLOSE_WAIT, but different ones: the server closes each one a little later.</summary>
    [Fact]
    public void Connections_that_pass_through_CLOSE_WAIT_are_not_a_leak()
    {
        using var ns = NetNamespace.Create();
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, backlog: 64));
        using var stop = new CancellationTokenSource();
        var passing = Task.Factory.StartNew(() => ns.Run(() => Pass(listener, stop.Token)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        var doctor = Doctor.Examine(ns, "--for", "10s");

        stop.Cancel();
        passing.GetAwaiter().GetResult();
        doctor.Found.ShouldNotContain("close-wait-leak", StringComparer.Ordinal, doctor.Result.Output);

        static void Pass(KernelSocket listener, CancellationToken stop)
        {
            var open = new Queue<KernelSocket>();
            while (!stop.IsCancellationRequested)
            {
                using (KernelSocket.Connected(listener.LocalEndPoint))
                {
                    open.Enqueue(listener.Accept());
                }

                if (open.Count > 25)
                {
                    open.Dequeue().Dispose();
                    Thread.Sleep(1);
                }
            }

            while (open.TryDequeue(out var last))
            {
                last.Dispose();
            }
        }
    }

    [Fact]
    public void Clients_that_leave_the_queue_are_not_a_leak()
    {
        using var ns = NetNamespace.Create();
        using var fault = new CloseWaitLeak(ns, accepted: 0, unaccepted: 30);

        var doctor = Doctor.Examine(ns);

        doctor.Listeners("close-wait-unaccepted").ShouldBe([fault.Listener]);
        doctor.Found.ShouldNotContain("close-wait-leak", StringComparer.Ordinal);
    }

    [Fact]
    public void Exhausted_ports_are_reported_with_their_destination_and_a_wider_range_fixes_it()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("database");
        using var fault = unit.Run(() => new PortExhaustion(ns, ports: 10, connects: 15));

        var sick = Doctor.Examine(ns);
        sick.Finding("ports-exhausted").GetProperty("title").GetString().ShouldBe($"No ephemeral port is left for {unit.Owning(fault.Destination)}: {unit.Name} holds most of them");
        sick.Owner("ports-exhausted").ShouldBe(unit.Name);
        sick.Found.ShouldContain("port-range-narrow", StringComparer.Ordinal);
        sick.Result.ExitCode.ShouldBe(Critical);
        sick.Apply(ns, "ports-exhausted").ShouldBeGreaterThanOrEqualTo(1);

        using var one = ns.Run(() => KernelSocket.Connected(fault.Destination));
        Doctor.Examine(ns).Found.ShouldNotContain(id => id.StartsWith("port", StringComparison.Ordinal));
    }

    /// <summary>tcp_tw_reuse=2, the kernel's default: connect(2) reuses loopback ports in TIME_WAIT.</summary>
    [Fact]
    public void Loopback_ports_in_TIME_WAIT_are_not_exhausted()
    {
        using var ns = NetNamespace.Create();
        using var fault = new LoopbackTimeWait(ns, ports: 10);
        fault.TimeWait.ShouldBe(10, "every port of the range");

        var doctor = Doctor.Examine(ns);

        doctor.Found.ShouldNotContain("ports-exhausted", StringComparer.Ordinal);
        doctor.Result.ExitCode.ShouldBe(Warnings, doctor.Result.Output);
        doctor.Finding("ports-filling").GetProperty("title").GetString().ShouldBe("100 % of the ephemeral ports are in use");
        doctor.Result.Output.ShouldNotContain("\"net.ipv4.tcp_tw_reuse\"", Case.Sensitive, "it is done already");
        for (var i = 0; i < 5; i++)
        {
            using var one = ns.Run(() => KernelSocket.Connected(fault.Destination));
        }

        ns.SetSysctl("net.ipv4.tcp_tw_reuse", "0");
        var sick = Doctor.Examine(ns);
        sick.Found.ShouldContain("ports-exhausted", StringComparer.Ordinal);
        sick.Apply(ns, "ports-exhausted").ShouldBeGreaterThanOrEqualTo(2);
        ns.GetSysctl("net.ipv4.tcp_tw_reuse").ShouldBe("2");
        Doctor.Examine(ns).Found.ShouldNotContain("ports-exhausted", StringComparer.Ordinal);
    }

    [Fact]
    public void Lost_data_is_reported_while_it_is_retransmitted()
    {
        using var ns = NetNamespace.Create();
        using var fault = new Retransmissions(ns, 60);

        Doctor.Examine(ns, "--for", "8s").Found.ShouldContain("retransmissions", StringComparer.Ordinal);
        fault.Heal();
        Doctor.Examine(ns).Found.ShouldNotContain("retransmissions", StringComparer.Ordinal);
    }

    [Fact]
    public void Closing_with_unread_data_is_reported_from_its_counter()
    {
        using var ns = NetNamespace.Create();

        var finding = Doctor.ExamineDuring(ns, () => new ResetsWithUnreadData(ns, 60).Dispose()).Finding("reset-storm");

        finding.GetProperty("measured")[1].GetString()!.ShouldContain("(TCPAbortOnClose) 60");
        Doctor.Examine(ns).Found.ShouldNotContain("reset-storm", StringComparer.Ordinal);
    }

    [Fact]
    public void A_listener_that_hangs_names_its_unit_and_recovers_when_it_accepts()
    {
        using var ns = NetNamespace.Create();
        using var hung = new HungListener(ns, clients: 600);

        var sick = Doctor.ExamineBusy(ns, hung.Listener);
        sick.Listeners("listener-dropping").ShouldBe([hung.Listener]);
        sick.Finding("listener-dropping").GetProperty("title").GetString().ShouldBe($"{hung.Listener} ({hung.Unit}) is losing connections");
        sick.Finding("listener-dropping").GetProperty("changes")[0].GetProperty("text").GetString()!.ShouldStartWith("Find out why it does not accept");

        hung.Continue();
        Doctor.Examine(ns).Found.ShouldNotContain(id => id == "listener-dropping" || id == "accept-queue-filling");
    }

    [Fact]
    public void Orphans_are_compared_with_the_hosts_limit()
    {
        using var ns = NetNamespace.Create();
        using var host = new HostParameters(ns);
        using var fault = new Orphans(ns, 40);
        host.Set("tcp_max_orphans", "32");

        var sick = Doctor.Examine(ns, "--path.procfs", host.Root);
        var setting = sick.Finding("orphans-near-limit").GetProperty("changes").EnumerateArray().Single(change => change.TryGetProperty("sysctl", out _)).GetProperty("sysctl");
        (setting.GetProperty("name").GetString(), setting.GetProperty("old").GetString()).ShouldBe(("net.ipv4.tcp_max_orphans", "32"));
        sick.Result.ExitCode.ShouldBe(Warnings);

        host.Set("tcp_max_orphans", setting.GetProperty("value").GetString()!);
        Doctor.Examine(ns, "--path.procfs", host.Root).Found.ShouldNotContain("orphans-near-limit", StringComparer.Ordinal);
    }

    [Fact]
    public void Memory_pressure_is_reported_and_ends_with_more_room()
    {
        using var ns = NetNamespace.Create();
        using var host = new HostParameters(ns);
        using var fault = new UnreadData(ns, connections: 200);
        host.Set("tcp_mem", "0\t0\t1000000");

        var sick = Doctor.Examine(ns, "--path.procfs", host.Root);
        var setting = sick.Finding("tcp-memory-pressure").GetProperty("changes").EnumerateArray().Single(change => change.TryGetProperty("sysctl", out _)).GetProperty("sysctl");

        host.Set("tcp_mem", setting.GetProperty("value").GetString()!);
        Doctor.Examine(ns, "--path.procfs", host.Root).Found.ShouldNotContain("tcp-memory-pressure", StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(1.0, "tcp-mem-in-bytes")]
    [InlineData(0.0002, "tcp-mem-too-large")]
    [InlineData(0.000001, "tcp-mem-too-small")]
    public void A_wrong_tcp_mem_is_corrected_for_this_machine(double upperPerByteOfMemory, string id)
    {
        using var ns = NetNamespace.Create();
        using var host = new HostParameters(ns);
        var upper = (long)(HostParameters.MemoryBytes * upperPerByteOfMemory);
        host.Set("tcp_mem", $"{upper / 2}\t{upper / 4 * 3}\t{upper}");

        var sick = Doctor.Examine(ns, "--path.procfs", host.Root);
        sick.Found.Where(found => found.StartsWith("tcp-mem-", StringComparison.Ordinal)).ShouldBe([id]);
        var setting = sick.Finding(id).GetProperty("changes")[0].GetProperty("sysctl");

        host.Set("tcp_mem", setting.GetProperty("value").GetString()!);
        Doctor.Examine(ns, "--path.procfs", host.Root).Found.ShouldNotContain(found => found.StartsWith("tcp-mem", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("net.ipv4.tcp_abort_on_overflow", "1", "abort-on-overflow")]
    [InlineData("net.ipv4.tcp_fin_timeout", "15", "fin-timeout-lowered")]
    [InlineData("net.ipv4.tcp_syncookies", "2", "syncookies-always")]
    [InlineData("net.ipv4.tcp_max_tw_buckets", "0", null)]
    public void A_parameter_is_reported_and_the_drop_in_corrects_it(string name, string value, string? id)
    {
        using var ns = NetNamespace.Create();
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            var file = Path.Combine(folder.FullName, "doctor.conf");
            ns.SetSysctl(name, value);
            var sick = Doctor.Examine(ns, "--write-sysctl", file);
            ns.GetSysctl(name).ShouldBe(value, "nothing is applied");
            if (id is null)
            {
                sick.Found.ShouldBeEmpty();
                return;
            }

            sick.Found.ShouldBe([id]);
            File.ReadAllText(file).ShouldContain($"# was: {name} = {value}\n");
            foreach (var line in File.ReadAllLines(file).Where(line => line.Contains(" = ", StringComparison.Ordinal) && line[0] != '#'))
            {
                ns.SetSysctl(line.Split(" = ")[0], line.Split(" = ")[1]);
            }

            Doctor.Examine(ns).Found.ShouldBeEmpty();

            var before = File.ReadAllText(file);
            var refused = ExporterProcess.Run(ns, asNobody: false, "doctor", "--netns", "host", "--write-sysctl", file);
            refused.ExitCode.ShouldBe(WrongValue);
            refused.Output.ShouldBeEmpty();
            refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain("left as it is");
            File.ReadAllText(file).ShouldBe(before);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_drop_in_that_cannot_be_written_fails_before_anything_is_judged()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);

        var result = ExporterProcess.Run(ns, asNobody: true, "doctor", "--netns", "host", "--format", "json", "--write-sysctl", "/etc/tcpstat-doctor.conf");

        result.ExitCode.ShouldBe(WrongValue);
        result.Output.ShouldBeEmpty();
        result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldStartWith("tcpstat-exporter: --write-sysctl: /etc/tcpstat-doctor.conf: ");
        File.Exists("/etc/tcpstat-doctor.conf").ShouldBeFalse();
    }

    [Fact]
    public void The_user_nobody_can_run_it_too_and_gets_text()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);

        using var clients = new RestlessClients(ns, fault.Listener);
        var result = ExporterProcess.Run(ns, asNobody: true, "doctor", "--netns", "host", "--for", "4s");

        result.ExitCode.ShouldBe(Critical, result.Error);
        result.Output.ShouldContain($"CRITICAL   {fault.Listener}");
        result.Output.ShouldContain("is losing connections");
        result.Output.ShouldContain("TcpListenerDroppingConnections.md");
        result.Output.ShouldNotContain("\e");
    }

    [Fact]
    public void Without_limits_it_says_that_it_cannot_check()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 0);

        var doctor = Doctor.Examine(ns, "--source", "procfs");

        doctor.Result.ExitCode.ShouldBe(CouldNotJudge);
        doctor.Found.ShouldBeEmpty();
    }

    [Fact]
    public void The_daemon_exports_the_same_within_its_first_minute()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        fault.StopRetries();
        using var exporter = ExporterProcess.Start(ns);

        Scrape? scrape = null;
        Wait.Until(
            () => (scrape = exporter.Scrape()).Families.ContainsKey("tcpstat_finding"),
            () => $"findings; log:\n{exporter.Log}",
            TimeSpan.FromMinutes(1));

        scrape!.Value("tcpstat_finding", ("id", "accept-queue-filling"), ("severity", "warning")).ShouldBe(1);
        scrape.Value("tcpstat_finding", ("id", "listener-dropping"), ("severity", "critical")).ShouldBe(0);
        scrape.Contains("tcpstat_finding", ("id", "tcp-mem-too-large"), ("severity", "warning")).ShouldBeFalse("tcp_mem is the host's");
        scrape.Value("tcpstat_source_up", ("source", "advisor")).ShouldBe(1);
        exporter.Stop().ShouldBe(0);
    }
}
