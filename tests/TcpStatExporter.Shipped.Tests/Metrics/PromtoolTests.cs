using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Metrics;

/// <summary>Prometheus's linter on the pages that the unit tests expect.</summary>
public sealed class PromtoolTests
{
    [Theory]
    [InlineData($"{Fixture.TenStates}/expected.prom")]
    [InlineData($"{Fixture.TenStates}/expected-all.prom")]
    [InlineData($"{Fixture.Idle}/expected.prom")]
    [InlineData($"{Fixture.Gvisor}/expected.prom")]
    [InlineData("sockdiag/expected.prom")]
    public void Promtool_reports_no_problem(string page) => Check(Fixture.Path(page)).ShouldBe((0, ""));

    [Fact]
    public void Promtool_reports_a_bad_page()
    {
        var page = Path.GetTempFileName();
        try
        {
            File.WriteAllText(page, "# TYPE a counter\na 1\n");
            var (exitCode, output) = Check(page);
            output.ShouldContain("_total");
            exitCode.ShouldNotBe(0);
        }
        finally
        {
            File.Delete(page);
        }
    }

    private static (int ExitCode, string Output) Check(string page)
    {
        var judgement = Tool.Run("/", "sh", "-c", "command -v promtool >/dev/null || exit 42; exec promtool check metrics <\"$1\"", "sh", page);
        Assert.SkipWhen(judgement is not { ExitCode: not 42 }, "promtool is not installed");
        return judgement.Value;
    }
}
