using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>
/// The program for arm64 under user-mode emulation. qemu does not emulate NETLINK_SOCK_DIAG, so sockets are read from procfs.
/// Netlink on such a processor is not tested here.
/// </summary>
public sealed class Arm64Tests
{
    private const string ProgramVariable = "TCPSTAT_EXPORTER";

    /// <summary>Times, and values computed from them.</summary>
    private static readonly string[] OfTheRun =
        ["_timestamp_seconds ", "_timestamp_seconds{", "tcpstat_sample_duration_seconds", "tcpstat_syn_sent_seconds_total ", "tcpstat_samples_missed_total ", "tcpstat_states_age_seconds "];

    [Theory]
    [InlineData("debian12-linux6.18-ten-states")]
    [InlineData("debian12-linux6.18-idle-no-ipv6")]
    public void It_gives_the_same_output_for_recorded_files_as_the_native_program(string host)
    {
        var arm64 = Package.Arm64();
        var amd64 = Package.Native();

        var lines = Once(arm64, host);

        lines.Length.ShouldBeGreaterThan(100);
        lines.ShouldBe(Once(amd64, host));
    }

    [Fact]
    public void It_serves_and_stops_on_request()
    {
        var package = Package.Arm64();
        Requires.Program(Package.Emulator[0]);
        var before = Environment.GetEnvironmentVariable(ProgramVariable);
        Environment.SetEnvironmentVariable(ProgramVariable, package.Program);
        try
        {
            using var ns = NetNamespace.Create();
            using var exporter = ExporterProcess.Start(ns, launcher: Package.Emulator);

            exporter.ScrapeFresh().Value("tcpstat_source_up", ("source", "sockets")).ShouldBe(1);

            exporter.Stop().ShouldBe(0);
            exporter.Log.ShouldNotContain("   at ");
        }
        finally
        {
            Environment.SetEnvironmentVariable(ProgramVariable, before);
        }
    }

    /// <summary>Returns all series except those about the run itself.</summary>
    private static string[] Once(Package package, string host)
    {
        var command = package.Command(package.Program);
        return
        [
            .. ChildProcess.Run(
                    command[0],
                    [.. command[1..], "once", "--source=procfs", "--log.level=error", $"--path.procfs={Repository.Path($"tests/Fixtures/hosts/{host}/proc")}"],
                    TimeSpan.FromMinutes(2))
                .Checked().Split('\n')
                .Where(line => !Array.Exists(OfTheRun, name => line.Contains(name, StringComparison.Ordinal))),
        ];
    }
}
