using System.Globalization;
using System.Text;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>The alerts that reached the receiver: one row per scenario, one column per alert, in Markdown.</summary>
internal static class ConfusionMatrix
{
    /// <summary>Writes the matrix.</summary>
    /// <param name="received">Returns the alerts that the receiver got from a scenario.</param>
    public static string Write(Func<Scenario, IReadOnlyList<Alert>> received)
    {
        var rows = Scenarios.All.Select(scenario => (Scenario: scenario, Alerts: received(scenario))).ToArray();

        // in the order of the faults, so each fault's own alert is on the diagonal; then the alerts that no fault raises
        var columns = Scenarios.All.SelectMany(scenario => scenario.Expected.OrderBy(expected => expected.Reason is not null))
            .Select(expected => expected.Alert)
            .Concat(Shipped.AlertNames)
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        var text = new StringBuilder();
        for (var i = 0; i < columns.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i + 1}. {columns[i]}\n");
        }

        text.Append("\n| what is held | ").AppendJoin(" | ", Enumerable.Range(1, columns.Length)).Append(" |\n| --- |");
        text.Insert(text.Length, " :-: |", columns.Length).Append('\n');
        foreach (var (scenario, alerts) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {scenario.Title} |");
            foreach (var column in columns)
            {
                text.Append(CultureInfo.InvariantCulture, $" {Cell(scenario, alerts.Where(alert => alert.Name.Equals(column, StringComparison.Ordinal)))} |");
            }

            text.Append('\n');
        }

        foreach (var (scenario, expected) in Scenarios.All.SelectMany(scenario => scenario.Expected.Select(expected => (scenario, expected))))
        {
            if (expected.Reason is not null)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{expected.Alert} at \"{scenario.Title}\": {expected.Reason}.");
            }
        }

        return text.Append('\n').ToString();
    }

    /// <summary>Returns the severities that arrived, in bold for the fault's own alert.</summary>
    private static string Cell(Scenario scenario, IEnumerable<Alert> alerts) => string.Join(
        ' ',
        alerts.Select(alert => alert.Severity).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(severity =>
        {
            var letter = severity is "critical" ? "P" : severity[..1];
            var isOwn = scenario.Expected.Any(expected => expected.Reason is null && alerts.Any(alert => alert.Name.Equals(expected.Alert, StringComparison.Ordinal)) && expected.Severity.Equals(severity, StringComparison.Ordinal));
            return isOwn ? $"**{letter}**" : letter;
        }));
}
