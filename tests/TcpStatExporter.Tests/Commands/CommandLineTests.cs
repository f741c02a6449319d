using System.Net;
using Serilog.Events;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Logging;
using TcpStatExporter.Sampling.Sources;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Commands;

[Collection("console")]
public sealed class CommandLineTests
{
    [Fact]
    public async Task Serves_by_default_with_the_documented_defaults()
    {
        var run = await Run();
        run.Command.ShouldBe("serve");
        var options = run.Options.ShouldNotBeNull();
        options.Web.ListenAddresses.ShouldBe([new(null, 10006)]);
        options.Web.TelemetryPath.ShouldBe("/metrics");
        options.Web.ConfigFile.ShouldBeNull();
        options.Web.MaxRequests.ShouldBe(40);
        options.SampleInterval.ShouldBe(TimeSpan.FromSeconds(1));
        options.ListenersInterval.ShouldBe(TimeSpan.FromSeconds(1));
        options.ListenersMax.ShouldBe(256);
        options.ListenerFilter.Selects(Ip("10.0.0.1"), 80).ShouldBeTrue();
        options.PeakWindow.ShouldBe(TimeSpan.FromMinutes(1));
        options.Source.ShouldBe(SourceChoice.Auto);
        options.SampleCpuBudget.ShouldBe(1);
        options.SweepCpuBudget.ShouldBeNull();
        options.ProcfsRoot.ShouldBe("/proc");
        options.AllCounters.ShouldBeFalse();
        options.LogLevel.ShouldBe(LogEventLevel.Information);
        options.LogFormat.ShouldBe(LogFormat.Text);
    }

    [Fact]
    public async Task Every_flag_reaches_the_daemon()
    {
        var run = await Run(
            "serve",
            "--web.listen-address=127.0.0.1:1", "--web.listen-address", "[::1]:2",
            "--web.telemetry-path=/tcp", "--web.config.file=/etc/web.yml", "--web.max-requests=7",
            "--sample.interval=5s", "--listeners.interval=100ms", "--listeners.max=9",
            "--listeners.include=:80-89", "--listeners.include=:443", "--listeners.exclude=:81",
            "--peak.window=2m", "--source=procfs", "--sample.cpu-budget=0.5", "--sweep.cpu-budget=2.5", "--path.procfs=/sys",
            "--counters=all", "--log.level=debug", "--log.format=json");
        run.Error.ShouldBeEmpty();
        run.Command.ShouldBe("serve");
        var options = run.Options.ShouldNotBeNull();
        options.Web.ListenAddresses.ShouldBe([new(IPAddress.Loopback, 1), new(IPAddress.IPv6Loopback, 2)]);
        options.Web.TelemetryPath.ShouldBe("/tcp");
        options.Web.ConfigFile.ShouldBe("/etc/web.yml");
        options.Web.MaxRequests.ShouldBe(7);
        options.SampleInterval.ShouldBe(TimeSpan.FromSeconds(5));
        options.ListenersInterval.ShouldBe(TimeSpan.FromMilliseconds(100));
        options.ListenersMax.ShouldBe(9);
        new ushort[] { 79, 80, 81, 443 }.Select(port => options.ListenerFilter.Selects(Ip("::"), port)).ShouldBe([false, true, false, true]);
        options.PeakWindow.ShouldBe(TimeSpan.FromMinutes(2));
        options.Source.ShouldBe(SourceChoice.Procfs);
        options.SampleCpuBudget.ShouldBe(0.5);
        options.SweepCpuBudget.ShouldBe(2.5);
        options.ProcfsRoot.ShouldBe("/sys");
        options.AllCounters.ShouldBeTrue();
        options.LogLevel.ShouldBe(LogEventLevel.Debug);
        options.LogFormat.ShouldBe(LogFormat.Json);
    }

    [Theory]
    [InlineData("once", null)]
    [InlineData("once --netns-label blue", "blue")]
    public async Task Once_accepts_a_name_for_the_namespace(string arguments, string? expected) =>
        (await Run(arguments.Split(' '))).Once.ShouldBe(new OnceOptions { NetnsLabel = expected });

    [Fact]
    public async Task An_empty_web_configuration_flag_means_none() => (await Run("--web.config.file", "")).Options!.Web.ConfigFile.ShouldBeNull();

    [Theory]
    [InlineData("--log.level=warn", LogEventLevel.Warning)]
    [InlineData("--log.level=error", LogEventLevel.Error)]
    [InlineData("--log.level=info", LogEventLevel.Information)]
    public async Task Log_levels_have_their_words(string flag, LogEventLevel level) => (await Run(flag)).Options!.LogLevel.ShouldBe(level);

    [Fact]
    public async Task The_listeners_follow_the_sample_interval() =>
        (await Run("--sample.interval=10s")).Options!.ListenersInterval.ShouldBe(TimeSpan.FromSeconds(10));

    [Theory]
    [InlineData("--bogus")]
    [InlineData("bogus")]
    [InlineData("@bogus")] // not the name of a response file
    [InlineData("once bogus")]
    [InlineData("--sample.interval")]
    [InlineData("--sample.interval=99ms")]
    [InlineData("--sample.interval=61s")]
    [InlineData("--sample.interval=-Infinitys")]
    [InlineData("once --sample.interval=1x")]
    [InlineData("--sample.interval=1s --sample.interval=2s")]
    [InlineData("--listeners.interval=50ms")]
    [InlineData("--listeners.interval=1x")]
    [InlineData("--listeners.interval=2s")]
    [InlineData("once --sample.interval=5s --listeners.interval=6s")]
    [InlineData("--sample.interval=1x --listeners.interval=6s")]
    [InlineData("--peak.window=0s")]
    [InlineData("--listeners.max=0")]
    [InlineData("--listeners.max=65537")]
    [InlineData("--listeners.max=many")]
    [InlineData("--listeners.include=host:80")]
    [InlineData("--listeners.exclude=:90-80")]
    [InlineData("--web.listen-address=*")]
    [InlineData("--web.listen-address=host")]
    [InlineData("--web.listen-address=:99999")]
    [InlineData("--web.max-requests=-1")]
    [InlineData("--web.telemetry-path=metrics")]
    [InlineData("--web.telemetry-path=/a?b")]
    [InlineData("--source=bpf")]
    [InlineData("--source=0")]
    [InlineData("--counters=some")]
    [InlineData("--sample.cpu-budget=0")]
    [InlineData("--sample.cpu-budget=101")]
    [InlineData("--sweep.cpu-budget=0")]
    [InlineData("--sweep.cpu-budget=101")]
    [InlineData("--sweep.cpu-budget=NaN")]
    [InlineData("--path.procfs=")]
    [InlineData("--path.procfs=/host/nowhere")]
    [InlineData("once --path.procfs=/proc/version")]
    [InlineData("--log.level=trace")]
    [InlineData("--log.format=xml")]
    [InlineData("--netns-label=blue")]
    [InlineData("once --netns-label=")]
    [InlineData("--runbooks.url=wiki")]
    [InlineData("probe")]
    [InlineData("probe --port=0")]
    [InlineData("probe --port=http")]
    [InlineData("probe --port=80 --max-fill=80")]
    [InlineData("probe --port=80 --max-fill=0")]
    [InlineData("probe --port=80 --max-wait=0s")]
    [InlineData("probe --port=80 --max-wait=soon")]
    [InlineData("explain")]
    [InlineData("explain a b")]
    [InlineData("help bogus")]
    public async Task Errors_print_one_line_and_exit_with_2(string arguments)
    {
        var run = await Run(arguments.Split(' '));
        run.ExitCode.ShouldBe(2);
        run.Command.ShouldBeNull();
        run.Output.ShouldBeEmpty();
        run.Error.ShouldStartWith("tcpstat-exporter: ");
        run.Error.ShouldEndWith("\n");
        run.Error.TrimEnd('\n').ShouldNotContain("\n");
        run.Error.ShouldContain("--help");
    }

    [Theory]
    [InlineData("0.0.0.0:9000 [::]:9000", "[::]:9000 serves IPv4 too, so it already includes 0.0.0.0:9000. Give one of the two.")]
    [InlineData("[::]:9000 127.0.0.1:9000", "[::]:9000 serves IPv4 too, so it already includes 127.0.0.1:9000. Give one of the two.")]
    [InlineData("[::1]:9000 [::]:9000", "[::]:9000 serves every address of the host, so it already includes [::1]:9000. Give one of the two.")]
    [InlineData("10.0.0.1:9000 :9000", ":9000 serves every address of the host, so it already includes 10.0.0.1:9000. Give one of the two.")]
    [InlineData(":9000 [::]:9000", ":9000 serves every address of the host, so it already includes [::]:9000. Give one of the two.")]
    [InlineData("10.0.0.1:80 0.0.0.0:9000 127.0.0.1:9000", "0.0.0.0:9000 serves every IPv4 address, so it already includes 127.0.0.1:9000. Give one of the two.")]
    [InlineData("127.0.0.1:9000 127.0.0.1:9000", "127.0.0.1:9000 is given twice.")]
    public async Task Listen_addresses_that_cover_each_other_have_their_own_message(string addresses, string message)
    {
        var run = await Run([.. addresses.Split(' ').Select(address => $"--web.listen-address={address}")]);
        run.ExitCode.ShouldBe(2);
        run.Error.ShouldBe($"tcpstat-exporter: --web.listen-address: {message} See 'tcpstat-exporter --help'.\n");
    }

    [Theory]
    [InlineData("0.0.0.0:9000 [::]:9001")]
    [InlineData("0.0.0.0:9000 [::1]:9000")]
    [InlineData("127.0.0.1:9000 10.0.0.1:9000 [::1]:9000")]
    [InlineData("127.0.0.1:0 127.0.0.1:0")]
    public async Task Listen_addresses_that_do_not_overlap_are_accepted(string addresses) =>
        (await Run([.. addresses.Split(' ').Select(address => $"--web.listen-address={address}")])).Options!.Web.ListenAddresses.Count.ShouldBe(addresses.Split(' ').Length);

    [Theory]
    [InlineData("--listeners.max=x", "--listeners.max: 'x' is not a number from 1 to 65536.")]
    [InlineData("--path.procfs=/nowhere", "--path.procfs: '/nowhere' is not an existing directory.")]
    [InlineData("--source=bpf", "--source: 'bpf' is not auto, procfs or netlink.")]
    [InlineData("--sample.interval=1x", "--sample.interval: '1x' is not a duration from 100ms to 1m, such as 500ms, 5s or 1m30s.")]
    public async Task The_line_says_what_is_valid(string argument, string message) => (await Run(argument)).Error.ShouldContain(message);

    [Theory]
    [InlineData("docter", "Unknown command 'docter'. Did you mean 'doctor'? See 'tcpstat-exporter --help'.")]
    [InlineData("whatever", "Unknown command 'whatever'. See 'tcpstat-exporter --help'.")]
    [InlineData("help docter", "Unknown command 'docter'. Did you mean 'doctor'? See 'tcpstat-exporter --help'.")]
    [InlineData("--web.listen-addres=:1", "Unknown flag '--web.listen-addres'. Did you mean '--web.listen-address'? See 'tcpstat-exporter --help'.")]
    [InlineData("doctor --write-sysctls x", "Unknown flag '--write-sysctls'. Did you mean '--write-sysctl'? See 'tcpstat-exporter doctor --help'.")]
    [InlineData("doctor --web.max-requests=3", "doctor does not take --web.max-requests. See 'tcpstat-exporter doctor --help'.")]
    [InlineData("--write-sysctl=x", "The daemon does not take --write-sysctl. See 'tcpstat-exporter --help'.")]
    [InlineData("doctor now", "doctor does not take 'now'. See 'tcpstat-exporter doctor --help'.")]
    public async Task A_mistyped_name_gets_a_suggestion(string arguments, string message) =>
        (await Run(arguments.Split(' '))).Error.ShouldBe($"tcpstat-exporter: {message}\n");

    [Fact]
    public async Task Units_are_accepted_as_people_type_them()
    {
        var options = (await Run(
            "--sample.interval=2", "--peak.window=1m30s", "--sample.cpu-budget=5%", "--sweep.cpu-budget", "0.5 %", "--log.level=WARNING", "--source=Procfs",
            "--web.listen-address=9000", "--web.listen-address=*:9001")).Options.ShouldNotBeNull();
        options.SampleInterval.ShouldBe(TimeSpan.FromSeconds(2));
        options.PeakWindow.ShouldBe(TimeSpan.FromSeconds(90));
        options.SampleCpuBudget.ShouldBe(5);
        options.SweepCpuBudget.ShouldBe(0.5);
        options.LogLevel.ShouldBe(LogEventLevel.Warning);
        options.Source.ShouldBe(SourceChoice.Procfs);
        options.Web.ListenAddresses.ShouldBe([new(null, 9000), new(null, 9001)]);
    }

    [Theory]
    [InlineData("probe --port 8080", 0.8, null, false)]
    [InlineData("probe --port 8080 --max-fill 50% --haproxy", 0.5, null, true)]
    [InlineData("probe --port 8080 --max-fill 1", 1, null, false)]
    [InlineData("probe --port 8080 --max-wait 1.5s", 0.8, 1.5, false)]
    public async Task Probe_accepts_a_port_and_limits(string arguments, double maxFill, double? maxWait, bool isForHaproxy) =>
        (await Run(arguments.Split(' '))).Probe.ShouldBe(new ProbeOptions { Port = 8080, MaxFill = maxFill, MaxWait = maxWait is { } seconds ? TimeSpan.FromSeconds(seconds) : null, IsForHaproxy = isForHaproxy });

    [Theory]
    [InlineData("opener", "/run/tcpstat-exporter-opener.sock", "tcpstat-exporter.service", null)]
    [InlineData("opener --socket=/run/o.sock --client-unit=mine.service --client-uid=1654", "/run/o.sock", "mine.service", 1654u)]
    [InlineData("opener --client-uid 0", "/run/tcpstat-exporter-opener.sock", "tcpstat-exporter.service", 0u)]
    public async Task The_opener_accepts_a_socket_and_its_clients(string arguments, string socket, string unit, uint? user) =>
        (await Run(arguments.Split(' '))).Opener.ShouldBe(new OpenerOptions { Socket = socket, ClientUnit = unit, ClientUid = user });

    [Theory]
    [InlineData("--client-uid=nobody", "--client-uid: 'nobody' is not the id of a user, such as 1654.")]
    [InlineData("--client-uid=-1", "--client-uid: '-1' is not the id of a user, such as 1654.")]
    [InlineData("--client-unit=a/b.service", "--client-unit: 'a/b.service' is not the name of a service, such as tcpstat-exporter.service.")]
    [InlineData("--client-unit=system.slice", "--client-unit: 'system.slice' is not the name of a service, such as tcpstat-exporter.service.")]
    public async Task The_opener_refuses_clients_that_cannot_exist(string argument, string expected)
    {
        var run = await Run(CommandLine.UsageError, "opener", argument);
        run.Command.ShouldBeNull();
        run.Error.ShouldBe($"tcpstat-exporter: {expected} See 'tcpstat-exporter opener --help'.\n");
    }

    [Fact]
    public async Task Explain_accepts_a_name()
    {
        var run = await Run("explain", "ListenDrops", "--runbooks.url=https://wiki.example/tcp");
        run.Explain.ShouldBe(new ExplainOptions { Name = "ListenDrops", For = TimeSpan.FromSeconds(2) });
        run.Options!.RunbooksUrl.ShouldBe("https://wiki.example/tcp");
    }

    [Theory]
    [InlineData("doctor", "--write-sysctl", "--web.max-requests")]
    [InlineData("healthcheck", "--web.listen-address", "--sample.interval")]
    [InlineData("opener", "--client-unit", "--web.listen-address")]
    [InlineData("once", "--netns-label", "--web.telemetry-path")]
    [InlineData("top", "--once", "--web.config.file")]
    public async Task Help_of_a_command_shows_only_its_own_flags(string command, string own, string other)
    {
        var help = (await Run("help", command)).Output;
        help.ShouldBe((await Run(command, "--help")).Output);
        help.ShouldContain(own);
        help.ShouldNotContain(other);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("help")]
    [InlineData("-h")]
    [InlineData("once --help")]
    [InlineData("--bogus --help")]
    public async Task Help_goes_to_stdout(string arguments)
    {
        var run = await Run(arguments.Split(' '));
        run.ExitCode.ShouldBe(0);
        run.Command.ShouldBeNull();
        run.Error.ShouldBeEmpty();
        run.Output.ShouldContain("--sample.interval");
    }

    [Fact]
    public async Task Help_shows_each_default_once_in_the_format_of_its_flag()
    {
        var help = (await Run("--help")).Output;
        help.Split('\n').ShouldAllBe(line => line.TrimEnd().Length <= 100);
        var flat = string.Join(' ', help.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        foreach (var (flag, shown) in (ReadOnlySpan<(string, string)>)
        [
            ("--web.listen-address", ":10006"), ("--web.telemetry-path", "/metrics"), ("--web.max-requests", "40"), ("--sample.interval", "1s"),
            ("--listeners.interval", "the sample interval"), ("--listeners.max", "256"), ("--peak.window", "1m"), ("--source", "auto"),
            ("--sample.cpu-budget", "1"), ("--path.procfs", "/proc"), ("--counters", "curated"), ("--log.level", "info"), ("--log.format", "text"),
        ])
        {
            var at = flat.IndexOf($"{flag} <", StringComparison.Ordinal);
            at.ShouldBeGreaterThan(0, flag);
            var end = flat.IndexOf(" --", at + 2, StringComparison.Ordinal);
            var text = flat[at..(end < 0 ? flat.Length : end)];
            text.ShouldContain($"[default: {shown}]");
            text.Split("[default:").Length.ShouldBe(2, flag);
        }
    }

    [Fact]
    public async Task Version_goes_to_stdout()
    {
        var run = await Run("--version");
        run.ExitCode.ShouldBe(0);
        run.Error.ShouldBeEmpty();
        run.Command.ShouldBeNull();
        run.Output.ShouldStartWith($"tcpstat-exporter, version {BuildInfo.Version} (revision: ");
        run.Output.TrimEnd('\n').ShouldNotContain("\n");
    }

    [Fact]
    public async Task The_exit_code_comes_from_the_command() => (await Run(exitCode: 3, "once")).ExitCode.ShouldBe(3);

    [Fact]
    public async Task The_doctor_watches_two_seconds_and_writes_no_file_unless_told()
    {
        (await Run("doctor")).Doctor.ShouldBe(new DoctorOptions { For = TimeSpan.FromSeconds(2), IsAll = false, Format = ReportFormat.Text, SysctlFile = null });

        var run = await Run("doctor", "--for", "10s", "--format", "json", "--all", "--write-sysctl", "x.conf", "--path.procfs", "/sys");

        run.Doctor.ShouldBe(new DoctorOptions { For = TimeSpan.FromSeconds(10), IsAll = true, Format = ReportFormat.Json, SysctlFile = "x.conf" });
        run.Options!.ProcfsRoot.ShouldBe("/sys");
    }

    [Theory]
    [InlineData("--for", "0s")]
    [InlineData("--for", "2h")]
    [InlineData("--format", "xml")]
    public async Task The_doctor_rejects_unknown_arguments(string flag, string value)
    {
        var run = await Run("doctor", flag, value);

        run.ExitCode.ShouldBe(CommandLine.UsageError);
        run.Error.ShouldStartWith($"tcpstat-exporter: {flag}: '{value}' is not ");
    }

    [Fact]
    public async Task Top_is_live_unless_told()
    {
        (await Run("top")).Top.ShouldBe(new TopOptions { IsOnce = false, For = TimeSpan.FromSeconds(2), Format = ReportFormat.Text });

        var run = await Run("top", "--once", "--for", "4s", "--format", "json", "--source", "procfs");

        run.Command.ShouldBe("top");
        run.Top.ShouldBe(new TopOptions { IsOnce = true, For = TimeSpan.FromSeconds(4), Format = ReportFormat.Json });
        run.Options!.Source.ShouldBe(SourceChoice.Procfs);
    }

    private static Task<Outcome> Run(params string[] arguments) => Run(exitCode: 0, arguments);

    private static async Task<Outcome> Run(int exitCode, params string[] arguments)
    {
        string? command = null;
        ExporterOptions? options = null;
        OnceOptions? once = null;
        DoctorOptions? doctor = null;
        TopOptions? top = null;
        ExplainOptions? explain = null;
        ProbeOptions? probe = null;
        OpenerOptions? opener = null;
        var (output, error) = (Console.Out, Console.Error);
        using var newOutput = new StringWriter();
        using var newError = new StringWriter();
        Console.SetOut(newOutput);
        Console.SetError(newError);
        try
        {
            var code = await new CommandLine(new CommandActions
            {
                Serve = taken => Take("serve", taken),
                Once = TakeOnce,
                Doctor = TakeDoctor,
                Top = TakeTop,
                Explain = TakeExplain,
                Probe = TakeProbe,
                HealthCheck = taken => Take("healthcheck", taken),
                Opener = TakeOpener,
            }).RunAsync(arguments);
            return new Outcome(code, command, options, once, doctor, top, explain, probe, opener, newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }

        Task<int> TakeOpener(ExporterOptions taken, OpenerOptions asked)
        {
            opener = asked;
            return Take("opener", taken);
        }

        Task<int> TakeOnce(ExporterOptions taken, OnceOptions asked)
        {
            once = asked;
            return Take("once", taken);
        }

        Task<int> TakeDoctor(ExporterOptions taken, DoctorOptions asked)
        {
            doctor = asked;
            return Take("doctor", taken);
        }

        Task<int> TakeTop(ExporterOptions taken, TopOptions asked)
        {
            top = asked;
            return Take("top", taken);
        }

        Task<int> TakeExplain(ExporterOptions taken, ExplainOptions asked)
        {
            explain = asked;
            return Take("explain", taken);
        }

        Task<int> TakeProbe(ExporterOptions taken, ProbeOptions asked)
        {
            probe = asked;
            return Take("probe", taken);
        }

        Task<int> Take(string name, ExporterOptions taken)
        {
            (command, options) = (name, taken);
            return Task.FromResult(exitCode);
        }
    }

    private sealed record Outcome(
        int ExitCode,
        string? Command,
        ExporterOptions? Options,
        OnceOptions? Once,
        DoctorOptions? Doctor,
        TopOptions? Top,
        ExplainOptions? Explain,
        ProbeOptions? Probe,
        OpenerOptions? Opener,
        string Output,
        string Error);
}
