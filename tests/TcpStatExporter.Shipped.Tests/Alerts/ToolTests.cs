using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>What Prometheus's tools say about the rules and the example configurations.</summary>
public sealed class ToolTests
{
    private const string Promtool = "promtool";
    private const string Amtool = "amtool";
    private const string AlertmanagerConfig = "deploy/alertmanager/alertmanager.yml";

    [Fact]
    public void Rules_are_valid() => Succeeds(Promtool, "check", "rules", RuleFile.Path);

    [Fact]
    public void Unit_tests_of_the_rules_pass()
    {
        RuleTestFile.Paths.ShouldNotBeEmpty();
        Succeeds(Promtool, ["test", "rules", .. RuleTestFile.Paths]);
    }

    [Fact]
    public void Prometheus_accepts_its_configuration() => Succeeds(Promtool, "check", "config", "deploy/prometheus/prometheus.yml");

    [Fact]
    public void Alertmanager_accepts_its_configuration() => Succeeds(Amtool, "check-config", AlertmanagerConfig);

    [Theory]
    [InlineData("critical", "page")]
    [InlineData("warning", "ticket")]
    [InlineData("info", "nobody")]
    public void Alertmanager_routes_by_severity(string severity, string receiver)
    {
        var (exitCode, output) = Run(Amtool, "config", "routes", "test", $"--config.file={AlertmanagerConfig}", $"severity={severity}");
        output.ShouldStartWith($"{receiver}\n");
        exitCode.ShouldBe(0);
    }

    /// <summary>If the tool accepted everything, the tests above would be worthless.</summary>
    [Fact]
    public void A_wrong_expectation_fails()
    {
        var folder = Directory.CreateTempSubdirectory("tcpstat-alerts-");
        try
        {
            var copy = Path.Combine(folder.FullName, "wrong.test.yml");
            var test = Repository.Read("alerts/tests/exporter.test.yml");
            var wrong = test.Replace("../tcpstat.rules.yml", Repository.Path(RuleFile.Path), StringComparison.Ordinal)
                .Replace("severity: info", "severity: critical", StringComparison.Ordinal);
            File.WriteAllText(copy, wrong);

            var (exitCode, output) = Run(Promtool, "test", "rules", copy);
            output.ShouldContain("alertname: TcpStatExporterListenersNotExported");
            exitCode.ShouldNotBe(0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Succeeds(string tool, params string[] arguments)
    {
        var (exitCode, output) = Run(tool, arguments);
        exitCode.ShouldBe(0, output);
    }

    private static (int ExitCode, string Output) Run(string tool, params string[] arguments)
    {
        var run = Tool.Run(Repository.Path("."), tool, arguments);
        var package = tool == Promtool ? "prometheus" : "prometheus-alertmanager";
        Assert.SkipWhen(run is null, $"{tool} is not on the PATH (Debian: apt-get install {package})");
        return run.Value;
    }
}
