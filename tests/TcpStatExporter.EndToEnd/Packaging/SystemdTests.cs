using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Web;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>
/// The Debian package on a booted systemd: installed, run, reloaded, hung, activated by its socket, upgraded and removed.
/// </summary>
public sealed class SystemdTests(SystemdMachine machine) : IClassFixture<SystemdMachine>
{
    private const string Defaults = "/etc/default/tcpstat-exporter";
    private const string DropIn = "/etc/systemd/system/tcpstat-exporter.service.d/test.conf";

    // the unit's stop timeout is short for a busy machine
    private const string StopDropIn = "/etc/systemd/system/tcpstat-exporter.service.d/stop.conf";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly string[] Sources = ["sockets", "listeners", "snmp", "netstat", "sockstat", "sysctl", "sweep", "advisor", "softnet", "udp", "unix"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Installed_it_runs_locked_down_and_sees_everything(bool native)
    {
        Install(native);

        machine.Run("systemctl", "is-enabled", "tcpstat-exporter").ShouldBe("enabled");
        WaitForSources();
        Scrape().Samples("tcpstat_source_info").Where(sample => sample["method"] == "netlink").Select(sample => sample["source"])
            .ShouldBe(["sockets", "listeners", "sweep", "udp", "unix"], ignoreOrder: true);
        WaitUntil(
            () => Scrape().Samples("tcpstat_listen_sockets").Any(sample => sample["port"] == "10006" && sample["unit"] == "tcpstat-exporter.service"),
            "the owner of its socket");
        WaitForSamplesInTime();
        WaitUntil(() => machine.Show("StatusText").Contains("established", StringComparison.Ordinal), "a status line");

        var status = File.ReadAllLines($"/proc/{machine.Outside(MainPid())}/status");
        status.Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal)).ShouldEndWith("\t0000000000000000");
        status.Single(line => line.StartsWith("NoNewPrivs:", StringComparison.Ordinal)).ShouldEndWith("\t1");
        status.Single(line => line.StartsWith("Seccomp:", StringComparison.Ordinal)).ShouldEndWith("\t2");
        status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1].Length.ShouldBe(5, "a dynamic user's: 61184 to 65519");
        machine.Show("MemoryDenyWriteExecute").ShouldBe(native ? "yes" : "no");
        Warnings().ShouldBeEmpty();
        WaitUntil(() => machine.Journal().Contains("Listening on http://[::]:10006", StringComparison.Ordinal), "where it listens, in the journal");
        machine.Journal().ShouldNotContain("<6>", Case.Sensitive, "the journal took the priority");
    }

    /// <summary>
    /// As SECURITY.md describes: a group may read files that are not public, and the dynamic user is in that group.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Certificates_and_passwords_of_a_group_are_read_and_reloaded(bool native)
    {
        const string Folder = "/etc/tcpstat-exporter";
        const string Config = $"""
            tls_server_config:
              cert_file: server.pem
              key_file: server.key
            basic_auth_users:
              prometheus: {BasicAuthTests.SecretHash}

            """;
        using var first = new TestAuthority("first");
        using var second = new TestAuthority("second");
        Install(native);
        machine.TryRun("groupadd", "--system", "tcpstat-web");
        machine.Run("install", "-d", "-m", "750", "-g", "tcpstat-web", Folder);
        machine.Write("/var/tmp/first.pem", first.Pem);
        machine.Write("/var/tmp/second.pem", second.Pem);
        Put("web.yml", Config);
        Certify(first);
        machine.Write(DropIn, "[Service]\nSupplementaryGroups=tcpstat-web\n");
        machine.Write(Defaults, $"ARGS=\"--web.config.file={Folder}/web.yml\"\n");
        try
        {
            machine.Run("systemctl", "daemon-reload");
            machine.TryRun("systemctl", "restart", "tcpstat-exporter").ExitCode.ShouldBe(0, machine.Journal());

            Status("first", "secret").ShouldBe("200", machine.Journal());
            Status("first", "wrong").ShouldBe("401");
            Status("second", "secret").ShouldBe("000", "nobody signed it whom curl knows");
            machine.TryRun("setpriv", "--reuid=65534", "--clear-groups", "cat", $"{Folder}/server.key").ExitCode.ShouldNotBe(0);

            Certify(second);
            Put("web.yml", Config.Replace(BasicAuthTests.SecretHash, BasicAuthTests.NewerHash, StringComparison.Ordinal));
            machine.Run("systemctl", "reload", "tcpstat-exporter");

            WaitUntil(() => Status("second", "newer") == "200", "the new certificate and password are in force");
            Status("second", "secret").ShouldBe("401");
            machine.Show("NRestarts").ShouldBe("0");
            Warnings().ShouldBeEmpty();
        }
        finally
        {
            machine.TryRun("systemctl", "stop", "tcpstat-exporter");
            machine.TryRun("rm", "-rf", DropIn, Folder, "/var/tmp/first.pem", "/var/tmp/second.pem");
            machine.TryRun("groupdel", "tcpstat-web");
        }

        string Status(string authority, string password) => machine.TryRun(
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--retry", "5", "--retry-connrefused",
            "--cacert", $"/var/tmp/{authority}.pem", "--user", $"prometheus:{password}", "https://localhost:10006/metrics").Output;

        void Certify(TestAuthority authority)
        {
            var (certificate, key) = authority.Server("server");
            Put("server.key", key);
            Put("server.pem", certificate);
        }

        // written to a new file, then renamed
        void Put(string name, string text)
        {
            machine.Write("/var/tmp/new", text);
            machine.Run("install", "-m", "640", "-g", "tcpstat-web", "/var/tmp/new", $"{Folder}/{name}.new");
            machine.Run("mv", $"{Folder}/{name}.new", $"{Folder}/{name}");
        }
    }

    [Fact]
    public void After_a_reboot_it_runs_again_with_its_flags()
    {
        Install();
        machine.Write(Defaults, "ARGS=\"--peak.window=2m\"\n");
        var boot = machine.Run("systemctl", "show", "--value", "-p", "UserspaceTimestampMonotonic");

        machine.Reboot();

        machine.Run("systemctl", "show", "--value", "-p", "UserspaceTimestampMonotonic").ShouldNotBe(boot, StringComparer.Ordinal, "another boot");
        WaitUntil(() => machine.Show("ActiveState") == "active", "the service runs");
        machine.Show("NRestarts").ShouldBe("0");
        Scrape().Value("tcpstat_peak_window_seconds").ShouldBe(120);
        WaitForSources();
    }

    /// <summary>The unit hides no processes from it, and it needs no capability to read their counters.</summary>
    [Fact]
    public void A_unit_with_a_network_of_its_own_is_seen_by_name()
    {
        Install();
        machine.Write(Defaults, "ARGS=\"--netns=counters --netns.interval=1s --netns.series=all\"\n");
        machine.Run("systemctl", "restart", "tcpstat-exporter");
        machine.Run("systemd-run", "--unit=private", "-p", "PrivateNetwork=yes", "sleep", "600");
        try
        {
            WaitUntil(HasPrivate, "the unit, by name");
            Scrape().Value("tcpstat_tcpext_listen_drops_total", ("netns", "private.service")).ShouldBe(0);
        }
        finally
        {
            machine.TryRun("systemctl", "stop", "private");
        }

        WaitUntil(() => !HasPrivate(), "its series go with it");

        bool HasPrivate() => Scrape().Samples("tcpstat_netns_info").Any(sample => sample["netns"] == "private.service" && sample["kind"] == "unit");
    }

    /// <summary>It would fail the same way every time.</summary>
    [Fact]
    public void A_wrong_flag_does_not_cause_endless_restarts()
    {
        Install();
        machine.Write(Defaults, "ARGS=\"--nope\"\n");
        try
        {
            machine.TryRun("systemctl", "restart", "tcpstat-exporter");

            WaitUntil(() => machine.Show("ActiveState") == "failed", "it has failed, and is left so");
            machine.Show("ExecMainStatus").ShouldBe("2");
            machine.Show("NRestarts").ShouldBe("0");
            machine.Journal().ShouldContain("--nope");
        }
        finally
        {
            machine.TryRun("rm", "-f", Defaults);
        }
    }

    [Fact]
    public void Reload_keeps_it_running()
    {
        Install();
        var pid = MainPid();
        var samples = Scrape().Value("tcpstat_samples_total");

        machine.Run("systemctl", "reload", "tcpstat-exporter");

        WaitUntil(() => machine.Journal().Contains("Reloaded", StringComparison.Ordinal), "a word of it in the journal");
        machine.Run("systemctl", "is-active", "tcpstat-exporter").ShouldBe("active");
        MainPid().ShouldBe(pid);
        WaitUntil(() => Scrape().Value("tcpstat_samples_total") > samples, "sampling goes on");
    }

    [Fact]
    public void Systemd_restarts_it_when_the_sampler_hangs_though_the_web_server_answers()
    {
        machine.Boot();
        machine.Write(DropIn, "[Service]\nWatchdogSec=15\n");
        try
        {
            Install();
            var pid = MainPid();

            using (new HungThread(machine.Outside(pid), "sampler"))
            {
                WaitUntil(() => machine.TryRun("curl", "-s", "http://localhost:10006/-/ready").Output.StartsWith("The last sample is", StringComparison.Ordinal), "not ready any more");
                machine.Run("curl", "-sf", "http://localhost:10006/-/healthy").ShouldContain("is healthy");
                WaitUntil(() => machine.Journal().Contains("Watchdog timeout", StringComparison.Ordinal), "the watchdog's word in the journal");
            }

            WaitUntil(() => machine.Show("NRestarts") == "1" && machine.Show("ActiveState") == "active", "restarted");
            MainPid().ShouldNotBe(pid);
            machine.Show("ActiveState").ShouldBe("active");
            Scrape().Value("tcpstat_samples_total").ShouldBeGreaterThan(0);
        }
        finally
        {
            machine.TryRun("rm", "-f", DropIn);
            machine.TryRun("systemctl", "daemon-reload");
        }
    }

    [Fact]
    public void A_connection_to_its_socket_starts_it()
    {
        Install();
        machine.Write(Defaults, "ARGS=\"--web.systemd-socket\"\n");
        machine.Run("systemctl", "stop", "tcpstat-exporter.service");
        machine.Run("systemctl", "start", "tcpstat-exporter.socket");
        try
        {
            machine.Run("systemctl", "show", "--value", "-p", "ActiveState", "tcpstat-exporter.service").ShouldBe("inactive");

            Scrape().Samples("tcpstat_build_info").ShouldHaveSingleItem();

            // it answers a moment before it has the sample that makes it ready
            WaitUntil(() => machine.TryRun("systemctl", "is-active", "tcpstat-exporter.service").ExitCode == 0, "an active service");
            Scrape().Samples("tcpstat_listen_sockets").ShouldContain(sample => sample["port"] == "10006");

            // systemd owns the listening socket: clients that connect during a restart wait, and none is refused
            machine.Run("systemctl", "restart", "tcpstat-exporter.service");
            Scrape();
        }
        finally
        {
            machine.Run("systemctl", "stop", "tcpstat-exporter.socket", "tcpstat-exporter.service");
        }
    }

    /// <summary>
    /// A process of the exporter's unit asks, with the unit's dynamic user and in its sandbox. Other users' processes are
    /// disconnected.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_opener_serves_the_unit_and_nobody_else(bool native)
    {
        const string Socket = "tcpstat-exporter-opener.socket";
        const string Opener = "tcpstat-exporter-opener.service";
        const string Path = "/run/tcpstat-exporter-opener.sock";
        const string Script = "/usr/lib/ask-opener.pl"; // where the unit may read and execute
        const string AskDropIn = "/etc/systemd/system/tcpstat-exporter.service.d/ask.conf";
        Install(native);
        machine.Copy(Repository.Path("tests/TcpStatExporter.EndToEnd/Namespaces/ask-opener.pl"), Script);
        machine.TryRun("systemctl", "is-enabled", Socket).Output.ShouldBe("disabled\n", "nobody has it who did not ask for it");
        machine.TryRun("test", "-e", Path).ExitCode.ShouldBe(1);
        machine.Run(
            "systemd-run", "--unit=private", "-p", "PrivateNetwork=yes", "perl", "-MSocket", "-e",
            "socket(my $s, AF_INET, SOCK_STREAM, 0); bind($s, pack_sockaddr_in(8123, INADDR_LOOPBACK)) and listen($s, 5) or die $!; sleep 600");
        try
        {
            machine.Run("systemctl", "enable", "--now", Socket);
            machine.Run("systemctl", "show", "--value", "-p", "ActiveState", Opener).ShouldBe("inactive", "until somebody asks");
            var pid = machine.Run("systemctl", "show", "--value", "-p", "MainPID", "private");
            WaitUntil(() => machine.TryRun("perl", Script, Path, pid).Output == "ports 8123\n", "an answer for root");

            machine.Write(AskDropIn, $"[Service]\nExecPaths=/usr/bin/perl\nExecStartPost=/usr/bin/perl {Script} {Path} {pid} 8123\n");
            machine.Write(Defaults, "ARGS=\"--netns=listeners --netns.interval=1s --netns.series=all\"\n");
            machine.Run("systemctl", "daemon-reload");
            machine.Run("systemctl", "restart", "tcpstat-exporter");
            WaitUntil(() => machine.Journal().Contains("ports 8123\ndestroy errno 1\n", StringComparison.Ordinal), "an answer for the unit, which may not close what it sees");
            WaitUntil(
                () => Scrape().Samples("tcpstat_listen_sockets").Any(sample => sample["port"] == "8123" && sample.Labels.GetValueOrDefault("netns") == "private.service" && sample["unit"] == "private.service"),
                "the exporter has the listener, by the same way");
            Scrape().Value("tcpstat_netns_tier", ("tier", "listeners")).ShouldBe(1);

            machine.TryRun("systemd-run", "-q", "--collect", "--pipe", "--wait", "-p", "DynamicUser=yes", "--unit=stranger", "perl", Script, Path, pid).Output.ShouldBe("refused\n");
            machine.TryRun("setpriv", "--reuid=65534", "--clear-groups", "perl", Script, Path, pid).Output.ShouldBe("refused\n");
            machine.Run("journalctl", "--no-pager", "-o", "cat", "-u", Opener).ShouldContain("Refused a client: pid ");

            var opener = machine.Outside(int.Parse(machine.Run("systemctl", "show", "--value", "-p", "MainPID", Opener), CultureInfo.InvariantCulture));
            var status = File.ReadAllLines($"/proc/{opener}/status");
            foreach (var set in (string[])["CapEff", "CapPrm", "CapBnd"])
            {
                status.Single(line => line.StartsWith($"{set}:", StringComparison.Ordinal)).ShouldEndWith("\t0000000000280000", customMessage: "CAP_SYS_ADMIN and CAP_SYS_PTRACE");
            }

            status.Single(line => line.StartsWith("NoNewPrivs:", StringComparison.Ordinal)).ShouldEndWith("\t1");
            status.Single(line => line.StartsWith("Seccomp:", StringComparison.Ordinal)).ShouldEndWith("\t2");
            status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1].Length.ShouldBe(5, "a dynamic user's: 61184 to 65519");
            var calls = machine.Run("systemctl", "show", "--value", "-p", "SystemCallFilter", Opener).Split(' ');
            calls.ShouldContain("setns", StringComparer.Ordinal);
            foreach (var call in (string[])["ptrace", "process_vm_readv", "process_vm_writev", "mount", "bpf", "unshare", "keyctl", "open_by_handle_at", "pidfd_getfd", "io_uring_setup"])
            {
                calls.ShouldNotContain(call, StringComparer.Ordinal);
            }

            File.ReadAllLines($"/proc/{MainPidOutside()}/status").Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal)).ShouldEndWith("\t0000000000000000");
        }
        finally
        {
            machine.TryRun("systemctl", "disable", "--now", Socket);
            machine.TryRun("systemctl", "stop", Opener, "private", "tcpstat-exporter");
            machine.TryRun("rm", "-f", AskDropIn, Script);
            machine.TryRun("systemctl", "daemon-reload");
        }

        machine.TryRun("test", "-e", Path).ExitCode.ShouldBe(1, "the socket goes with its unit");

        int MainPidOutside() => machine.Outside(MainPid());
    }

    [Fact]
    public void Without_a_socket_it_ends_with_a_message()
    {
        Install();

        var result = machine.TryRun("/usr/bin/tcpstat-exporter", "--web.systemd-socket");

        (result.ExitCode, result.Output, result.Error).ShouldBe(
            (1, "", "tcpstat-exporter: --web.systemd-socket: systemd handed over no socket (LISTEN_FDS). Is tcpstat-exporter.socket started?\n"));
    }

    [Fact]
    public void An_upgrade_keeps_the_flags_and_a_purge_leaves_nothing()
    {
        Install();
        machine.Write(Defaults, "# mine\nARGS=\"--log.level=debug --peak.window=2m\"\n");
        machine.Run("systemctl", "restart", "tcpstat-exporter");
        Scrape().Value("tcpstat_peak_window_seconds").ShouldBe(120);
        var pid = MainPid();
        machine.Run("systemctl", "enable", "--now", "tcpstat-exporter-opener.socket");

        Install(version: "9.0");

        machine.Run("systemctl", "is-active", "tcpstat-exporter-opener.socket").ShouldBe("active");

        machine.Run("dpkg-query", "-W", "-f", "${Version}", "tcpstat-exporter").ShouldBe("9.0");
        MainPid().ShouldNotBe(pid, "restarted");
        Scrape().Value("tcpstat_peak_window_seconds").ShouldBe(120);

        machine.Run("dpkg", "--remove", "tcpstat-exporter");
        machine.TryRun("systemctl", "is-active", "tcpstat-exporter").Output.Trim().ShouldBe("inactive");
        machine.Run("cat", Defaults).ShouldStartWith("# mine");
        machine.TryRun("test", "-e", "/usr/bin/tcpstat-exporter").ExitCode.ShouldBe(1);

        machine.Run("dpkg", "--purge", "tcpstat-exporter");
        machine.TryRun("test", "-e", "/run/tcpstat-exporter-opener.sock").ExitCode.ShouldBe(1);
        machine.TryRun("getent", "passwd", "tcpstat-exporter").ExitCode.ShouldBe(2);
        machine.TryRun("systemctl", "list-unit-files", "--no-legend", "tcpstat-exporter*").Output.ShouldBe("");
        machine.Run("find", "/etc", "/usr", "/var/lib", "/var/cache", "/run", "-xdev", "-name", "*tcpstat*", "-not", "-path", "/etc/systemd/system/tcpstat-exporter.service.d*").ShouldBe("");
    }

    /// <summary>Without dependencies, because only a distribution with RPM packages knows their names.</summary>
    [Fact]
    public void The_RPM_package_is_enabled_runs_and_leaves_nothing_but_changed_flags()
    {
        Requires.Program("rpm");
        var package = Package.Native();
        machine.Boot();
        machine.TryRun("dpkg", "--purge", "tcpstat-exporter");
        machine.TryRun("systemctl", "reset-failed", "tcpstat-exporter.service");

        machine.Rpm("--install", package.Rpm);

        // the distribution's preset decides: Debian's enables it
        machine.Run("systemctl", "is-enabled", "tcpstat-exporter").ShouldBe("enabled");
        machine.Run("systemctl", "daemon-reload");
        machine.Write(Defaults, "# mine\nARGS=\"--peak.window=2m\"\n");
        machine.Run("systemctl", "start", "tcpstat-exporter");
        Scrape().Value("tcpstat_peak_window_seconds").ShouldBe(120);
        machine.Show("MemoryDenyWriteExecute").ShouldBe("yes");
        machine.Run("systemctl", "stop", "tcpstat-exporter");

        machine.Rpm("--erase", "tcpstat-exporter");

        machine.Run("systemctl", "daemon-reload");
        machine.TryRun("test", "-e", "/usr/bin/tcpstat-exporter").ExitCode.ShouldBe(1);
        machine.TryRun("systemctl", "list-unit-files", "--no-legend", "tcpstat-exporter*").Output.ShouldBe("");
        machine.Run("cat", $"{Defaults}.rpmsave").ShouldStartWith("# mine");
        machine.Run("rm", $"{Defaults}.rpmsave");
    }

    /// <summary>Waits until all sources were read. Connection tracking exists only if the kernel has loaded its module.</summary>
    private void WaitForSources()
    {
        string[] sources = [];
        Wait.Until(
            () =>
            {
                var up = Scrape().Samples("tcpstat_source_up");
                sources = [.. up.Select(sample => $"{sample["source"]} {sample.Value}")];
                return up.All(sample => sample.Value == 1) && Sources.All(source => up.Any(sample => sample["source"] == source));
            },
            () => $"all sources; there are: {string.Join(", ", sources)}",
            Patience,
            Pause);
    }

    private static void WaitUntil(Func<bool> condition, string what) => Wait.Until(condition, () => what, Patience, Pause);

    /// <summary>Installs it fresh, with the shipped flags. Or, with a version, upgrades it.</summary>
    private void Install(bool native = false, string? version = null)
    {
        var package = native ? Package.Native() : Package.ReadyToRun();
        machine.Boot();
        if (version is null)
        {
            machine.TryRun("dpkg", "--purge", "tcpstat-exporter");
            machine.TryRun("systemctl", "reset-failed", "tcpstat-exporter.service");
            machine.Write(StopDropIn, "[Service]\nTimeoutStopSec=60\n");
            machine.BeginJournal();
        }

        machine.Copy(package.Deb, "/tmp.deb");
        if (version is not null)
        {
            machine.Run("sh", "-ec", $"dpkg-deb -R /tmp.deb /tmp.new; sed -i 's/^Version: .*/Version: {version}/' /tmp.new/DEBIAN/control; dpkg-deb -Znone -b /tmp.new /tmp.deb >/dev/null; rm -r /tmp.new");
        }

        machine.Run("dpkg", "--force-confold", "-i", "/tmp.deb");
        Wait.Until(() => machine.Show("ActiveState") == "active", () => $"the service is active; journal:\n{machine.Journal()}", Patience, Pause);
    }

    /// <summary>Waits until it has taken five samples without missing one. On a busy machine, some are missed first.</summary>
    private void WaitForSamplesInTime()
    {
        var (since, missed) = (0.0, -1.0);
        WaitUntil(
            () =>
            {
                var scrape = Scrape();
                if (scrape.Value("tcpstat_samples_missed_total") != missed)
                {
                    (since, missed) = (scrape.Value("tcpstat_samples_total"), scrape.Value("tcpstat_samples_missed_total"));
                }

                return scrape.Value("tcpstat_samples_total") >= since + 5;
            },
            "five samples in time");
    }

    /// <summary>Returns its warnings, except Kestrel's warning that the machine is busy.</summary>
    private IEnumerable<string> Warnings() =>
        machine.Journal("-p", "warning").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains("the heartbeat has been running for", StringComparison.Ordinal));

    private int MainPid() => int.Parse(machine.Show("MainPID"), CultureInfo.InvariantCulture);

    private Scrape Scrape() => Exporter.Scrape.Parse(machine.Run("curl", "-sf", "--retry", "5", "--retry-connrefused", "http://localhost:10006/metrics") + "\n");
}
