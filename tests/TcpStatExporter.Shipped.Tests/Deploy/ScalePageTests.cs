using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Metrics;
using TcpStatExporter.Shipped.Tests.Alerts;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>The configuration changes that deploy/scale.md suggests are valid.</summary>
public sealed partial class ScalePageTests
{
    private const string Page = "deploy/scale.md";

    public static TheoryData<string> Configurations => [.. Block().Matches(Repository.Read(Page)).Select(block => block.Groups["text"].Value)];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Promtool_accepts_it(string configuration)
    {
        var folder = Directory.CreateTempSubdirectory("tcpstat-scale-");
        try
        {
            var file = Path.Combine(folder.FullName, "prometheus.yml");
            File.WriteAllText(file, configuration);
            var run = Tool.Run(folder.FullName, "promtool", "check", "config", file);
            Assert.SkipWhen(run is null, "promtool is not on the PATH (Debian: apt-get install prometheus)");
            run!.Value.ExitCode.ShouldBe(0, run.Value.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A name that does not exist would drop nothing. A rule may use what is dropped only in a text.</summary>
    [Fact]
    public void What_it_drops_exists_and_no_rule_depends_on_it()
    {
        var dropped = Block().Matches(Repository.Read(Page)).Select(block => Dropped().Match(block.Value)).Single(match => match.Success)
            .Groups["names"].Value.Split('|');
        var names = MetricCatalogue.All.Select(entry => entry.Family.Name).ToArray();
        foreach (var name in dropped)
        {
            names.ShouldContain(family => name == family || name == family + "_bucket");
            RuleFile.Load().Rules.ShouldAllBe(rule => !rule.Expr.Contains(name, StringComparison.Ordinal));
        }
    }

    [GeneratedRegex("^```yaml\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Block();

    [GeneratedRegex("regex: (?<names>tcpstat_\\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Dropped();
}
