using System.Globalization;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>Each alert has tests that show it firing, not firing yet, and quiet in a similar situation.</summary>
public sealed partial class RuleTestCoverageTests
{
    private static readonly RuleTestFile.Case[] Cases = [.. RuleTestFile.Load()];

    public static TheoryData<string, string> Alerts
    {
        get
        {
            var alerts = new TheoryData<string, string>();
            foreach (var rule in RuleFile.Load().Alerts)
            {
                alerts.Add(rule.Alert!, rule.Labels["severity"]);
            }

            return alerts;
        }
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Alert_has_a_test_that_shows_it_firing_with_all_its_texts(string alert, string severity)
    {
        var fired = Tests(alert).SelectMany(test => test.ExpAlerts).Where(expected => expected.ExpLabels["severity"] == severity).ToArray();
        fired.ShouldNotBeEmpty();
        fired.ShouldAllBe(expected => expected.ExpAnnotations.Count == 3);
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Alert_has_a_test_that_shows_it_not_firing_yet(string alert, string severity) =>
        Cases.ShouldContain(test => FirstFiring(test, alert, severity) > FirstQuiet(test, alert, severity));

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Alert_has_a_test_that_shows_it_quiet_in_a_similar_situation(string alert, string severity) =>
        Cases.ShouldContain(test => FirstQuiet(test, alert, severity) != null && FirstFiring(test, alert, severity) == null);

    [Fact]
    public void Every_test_is_for_an_existing_alert() =>
        Cases.SelectMany(test => test.AlertRuleTest).Select(test => test.Alertname)
            .Except(RuleFile.Load().Alerts.Select(rule => rule.Alert!), StringComparer.Ordinal)
            .ShouldBeEmpty();

    private static IEnumerable<RuleTestFile.AlertTest> Tests(string alert) =>
        Cases.SelectMany(test => test.AlertRuleTest).Where(test => test.Alertname == alert);

    private static TimeSpan? FirstFiring(RuleTestFile.Case test, string alert, string severity) =>
        First(test, alert, expected => expected.Any(e => e.ExpLabels["severity"] == severity));

    private static TimeSpan? FirstQuiet(RuleTestFile.Case test, string alert, string severity) =>
        First(test, alert, expected => expected.All(e => e.ExpLabels["severity"] != severity));

    private static TimeSpan? First(RuleTestFile.Case test, string alert, Func<List<RuleTestFile.Expected>, bool> isSought) =>
        test.AlertRuleTest.Where(t => t.Alertname == alert && isSought(t.ExpAlerts)).Select(t => (TimeSpan?)Time(t.EvalTime)).Min();

    private static TimeSpan Time(string text) => TimeSpan.FromSeconds(
        Part().Matches(text).Sum(part => int.Parse(part.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * (part.Groups["unit"].Value switch { "h" => 3600, "m" => 60, _ => 1 })));

    [GeneratedRegex("(?<number>[0-9]+)(?<unit>[hms])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Part();
}
