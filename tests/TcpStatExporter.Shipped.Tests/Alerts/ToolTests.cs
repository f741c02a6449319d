using System.ComponentModel;
using System.Diagnostics;
using Shouldly;
using Xunit;
using Xunit.Sdk;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>What the tools of Prometheus say to the rules and the example configurations.</summary>
public sealed class ToolTests
{
    private const string Promtool = "promtool";
    private const string Amtool = "amtool";
    private const string AlertmanagerConfig = "deploy/alertmanager/alertmanager.yml";

    [Fact]
    public Task Rules_are_valid() => Succeeds(Promtool, "check", "rules", RuleFile.Path);

    [Fact]
    public Task Unit_tests_of_the_rules_pass()
    {
        RuleTestFile.Paths.ShouldNotBeEmpty();
        return Succeeds(Promtool, ["test", "rules", .. RuleTestFile.Paths]);
    }

    [Fact]
    public Task Prometheus_takes_its_configuration() => Succeeds(Promtool, "check", "config", "deploy/prometheus/prometheus.yml");

    [Fact]
    public Task Alertmanager_takes_its_configuration() => Succeeds(Amtool, "check-config", AlertmanagerConfig);

    [Theory]
    [InlineData("critical", "page")]
    [InlineData("warning", "ticket")]
    [InlineData("info", "nobody")]
    public async Task Alertmanager_routes_by_severity(string severity, string receiver)
    {
        var (exitCode, output) = await Run(Amtool, "config", "routes", "test", $"--config.file={AlertmanagerConfig}", $"severity={severity}");
        output.ShouldStartWith($"{receiver}\n");
        exitCode.ShouldBe(0);
    }

    /// <summary>A tool that is satisfied with anything would make the tests above worthless.</summary>
    [Fact]
    public async Task A_wrong_expectation_fails()
    {
        var folder = Directory.CreateTempSubdirectory("tcpstat-alerts-");
        try
        {
            var copy = Path.Combine(folder.FullName, "wrong.test.yml");
            var test = Repository.Read("alerts/tests/exporter.test.yml");
            var wrong = test.Replace("../tcpstat.rules.yml", Repository.Path(RuleFile.Path), StringComparison.Ordinal)
                .Replace("severity: info", "severity: critical", StringComparison.Ordinal);
            await File.WriteAllTextAsync(copy, wrong);

            var (exitCode, output) = await Run(Promtool, "test", "rules", copy);
            output.ShouldContain("alertname: TcpStatExporterListenersNotExported");
            exitCode.ShouldNotBe(0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task Succeeds(string tool, params string[] arguments)
    {
        var (exitCode, output) = await Run(tool, arguments);
        exitCode.ShouldBe(0, output);
    }

    private static async Task<(int ExitCode, string Output)> Run(string tool, params string[] arguments)
    {
        var command = new ProcessStartInfo(tool, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Path("."),
        };
        Process process;
        try
        {
            process = Process.Start(command)!;
        }
        catch (Win32Exception)
        {
            var package = tool == Promtool ? "prometheus" : "prometheus-alertmanager";
            throw SkipException.ForSkip($"{tool} is not on the PATH (Debian: apt-get install {package})");
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output + await errors);
        }
    }
}
