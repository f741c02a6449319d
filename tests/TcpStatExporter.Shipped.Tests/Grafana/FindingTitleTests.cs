using Shouldly;
using TcpStatExporter.Advisor.Rules;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>
/// The dashboards show the title of a finding instead of its id. TCPSTAT_REWRITE=1 writes the titles, and npm run build reads
/// them.
/// </summary>
public sealed class FindingTitleTests
{
    private const string Titles = "grafana/src/findings.ts";

    [Fact]
    public void Every_finding_has_its_title()
    {
        var expected = $$"""
            // Written by the tests from the rules of doctor: run TCPSTAT_REWRITE=1 dotnet test.
            /** What each finding is, by its id. */
            export const findings: Record<string, [title: string]> = {
            {{string.Join('\n', RuleBook.All.Select(rule => $"  '{rule.Id}': ['{Title(rule.Subject)}'],"))}}
            };

            """;
        if (Repository.IsRewriting)
        {
            Repository.Write(Titles, expected);
        }

        Repository.Read(Titles).ShouldBe(expected);
    }

    private static string Title(string subject) =>
        $"{char.ToUpperInvariant(subject[0])}{subject[1..]}".Replace("'", "\\'", StringComparison.Ordinal);
}
