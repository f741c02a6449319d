using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>Summarizes the findings in one line: the worst finding, how many more there are, and what is unknown.</summary>
internal static class VerdictMaker
{
    /// <summary>Makes the line.</summary>
    /// <param name="context">What is known of the host.</param>
    /// <param name="findings">The findings, worst first.</param>
    public static Verdict Make(AdvisorContext context, IReadOnlyList<RuleFinding> findings)
    {
        if (findings is [{ Rule.Severity: > Severity.Info and var severity, Finding.Title: var title }, ..])
        {
            return new Verdict(severity == Severity.Critical ? VerdictLevel.Critical : VerdictLevel.Warning, title, Rest(findings));
        }

        if (Unread(context.Now) is { Length: > 0 } unread)
        {
            return new Verdict(VerdictLevel.Unknown, $"Nothing found, but not everything could be read: {unread}", "");
        }

        return new Verdict(VerdictLevel.Good, "Nothing to worry about", findings.Count == 0 ? "" : Many(findings.Count, "remark"));
    }

    private static string Many(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    /// <summary>Returns how many findings the line does not mention.</summary>
    private static string Rest(IReadOnlyList<RuleFinding> findings)
    {
        var critical = findings.Skip(1).Count(found => found.Rule.Severity == Severity.Critical);
        var warnings = findings.Skip(1).Count(found => found.Rule.Severity == Severity.Warning);
        string[] parts = [.. critical > 0 ? [$"{critical} critical"] : Array.Empty<string>(), .. warnings > 0 ? [Many(warnings, "warning")] : Array.Empty<string>()];
        return parts.Length == 0 ? "" : $"plus {string.Join(" and ", parts)}";
    }

    /// <summary>
    /// Sources of every tick without which the verdict may miss something. Does not include those that only some hosts have.
    /// </summary>
    internal static ReadOnlySpan<SourceId> Needed =>
        [SourceId.Sockets, SourceId.Listeners, SourceId.Snmp, SourceId.Netstat, SourceId.Sockstat, SourceId.Sysctl];

    private static string Unread(NamespaceSample sample)
    {
        List<string>? names = null;
        foreach (var id in Needed)
        {
            if (!sample.Status(id).IsOk)
            {
                (names ??= []).Add(id.Name());
            }
        }

        if (names is null)
        {
            foreach (ref readonly var listener in sample.Listeners.Span)
            {
                if (!listener.HasLimit)
                {
                    return "how full accept queues are";
                }
            }
        }

        return names is null ? "" : string.Join(", ", names);
    }
}
