using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Commands that cannot write their output.</summary>
public sealed class OutputTests
{
    public static TheoryData<string[]> Commands =>
    [
        new(["once"]), new(["top", "--once", "--for=1s"]), new(["top", "--format=json", "--for=1s"]), new(["doctor", "--for=1s"]), new(["doctor", "--format=json", "--for=1s"]),
        new(["--help"]), new(["once", "--help"]), new(["--version"]), new(["[suggest]"]),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_full_device_prints_one_line_and_exits_with_1(string[] arguments)
    {
        using var ns = NetNamespace.Create();

        var result = Run(ns, "exec \"$@\" >/dev/full", [.. arguments, "--log.level=error"]);

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldBe("tcpstat-exporter: standard output: No space left on device.\n");
    }

    /// <summary>Like the exit code that a shell reports for commands ended by SIGPIPE.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void Without_a_reader_it_prints_no_line_and_exits_with_141(string[] arguments)
    {
        using var ns = NetNamespace.Create();

        // the reader has ended before the command starts
        var result = Run(ns, "exec 3> >(:); wait $!; exec \"$@\" >&3", [.. arguments, "--log.level=error"]);

        result.ExitCode.ShouldBe(141);
        result.Error.ShouldBeEmpty();
    }

    [Fact]
    public void Standard_error_on_a_full_device_does_not_change_the_exit_code()
    {
        using var ns = NetNamespace.Create();

        Run(ns, "exec \"$@\" 2>/dev/full", ["--nope"]).ExitCode.ShouldBe(2);
    }

    [Fact]
    public void A_daemon_that_cannot_write_its_log_continues_and_counts_the_lines()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, launcher: ["sh", "-c", "exec \"$@\" 2>/dev/full", "sh"]);

        exporter.ScrapeFresh().Value("tcpstat_log_lines_dropped_total").ShouldBeGreaterThan(0);
        exporter.Stop().ShouldBe(0);
    }

    private static CommandResult Run(NetNamespace ns, string script, string[] arguments) =>
        ns.Exec("bash", ["-c", script, "bash", .. ExporterProcess.CommandLine(arguments)]);
}
