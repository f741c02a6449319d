using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.View;

/// <summary>Puts what is known in one line. What happens now goes before what the rules found, which may be a minute old.</summary>
/// <param name="sample">What was published last.</param>
/// <param name="listeners">Listeners, those in trouble first; none where not known.</param>
/// <param name="findings">What the rules found, the worst first; none where they have not judged yet.</param>
/// <param name="sources">Every source.</param>
internal sealed class VerdictMaker(HostSample sample, ListenerView[]? listeners, FindingView[]? findings, SourceView[] sources)
{
    /// <summary>Rules that find what a line about listeners says: what else they find of the same listener is said besides.</summary>
    private static readonly string[] OfQueues = ["listener-dropping", "listener-stuck-worker", "syn-queue-dropping", "accept-queue-filling"];

    /// <summary>Makes the line.</summary>
    /// <param name="dropsPerSecond">ListenDrops a second; none where not known.</param>
    public Verdict Make(double? dropsPerSecond)
    {
        if (sample.Samples == 0)
        {
            return new Verdict(VerdictLevel.Unknown, "No sample was taken yet", "");
        }

        if (sample.IsStale)
        {
            return new Verdict(VerdictLevel.Unknown, $"The last sample is {sample.Age!.Value.TotalSeconds:0} s old: sampling has stalled", Others([]));
        }

        var losing = With(ListenerTrouble.Losing);
        if (losing.Length > 0)
        {
            return About(VerdictLevel.Critical, losing, $"{Subject(losing)} {(losing.Length == 1 ? "is" : "are")} losing connections");
        }

        if (dropsPerSecond > 0)
        {
            return new Verdict(VerdictLevel.Critical, "Connections are being lost at a listener that cannot be named", Others([]));
        }

        if (findings is [{ Rule.Severity: Severity.Critical } worst, ..])
        {
            return Of(VerdictLevel.Critical, worst);
        }

        var full = With(ListenerTrouble.Full);
        if (full.Length > 0)
        {
            return About(VerdictLevel.Warning, full, full.Length == 1 ? $"The accept queue of {Name(full[0])} is full" : $"The accept queues of {full.Length} listeners are full");
        }

        var lost = With(ListenerTrouble.LostLately);
        if (lost.Length > 0)
        {
            return About(VerdictLevel.Warning, lost, $"{Subject(lost)} lost connections in the last minute");
        }

        return findings is [{ Rule.Severity: Severity.Warning } first, ..] ? Of(VerdictLevel.Warning, first) : Calm();
    }

    private static string Name(ListenerView listener) => Words.Name(listener.Identity);

    private static string Subject(ListenerView[] named) => named.Length == 1 ? Name(named[0]) : $"{named.Length} listeners";

    private static string Many(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private ListenerView[] With(ListenerTrouble trouble) => [.. (listeners ?? []).Where(listener => listener.Trouble == trouble)];

    private Verdict About(VerdictLevel level, ListenerView[] named, string text)
    {
        var identities = named.Select(listener => listener.Identity).ToHashSet();
        return new Verdict(level, text, Others([.. (findings ?? []).Where(finding => OfQueues.Contains(finding.Rule.Id, StringComparer.Ordinal) && finding.Finding.Listeners.Any(identities.Contains))]));
    }

    private Verdict Of(VerdictLevel level, FindingView finding) => new(level, finding.Finding.Title, Others([finding]));

    /// <summary>How many findings there are that the line does not speak of.</summary>
    private string Others(FindingView[] told)
    {
        var rest = (findings ?? []).Except(told).ToArray();
        var critical = rest.Count(finding => finding.Rule.Severity == Severity.Critical);
        var warnings = rest.Count(finding => finding.Rule.Severity == Severity.Warning);
        string[] parts = [.. critical > 0 ? [$"{critical} critical"] : Array.Empty<string>(), .. warnings > 0 ? [Many(warnings, "warning")] : Array.Empty<string>()];
        return parts.Length == 0 ? "" : $"{string.Join(" and ", parts)} besides";
    }

    private Verdict Calm()
    {
        var unread = sources.Where(source => source.Id <= SourceId.Sysctl && !source.Result.IsOk).Select(source => source.Name).ToArray();
        if (unread.Length > 0)
        {
            return new Verdict(VerdictLevel.Unknown, $"Nothing was found, but not known: {string.Join(", ", unread)}", "");
        }

        if (listeners!.Any(listener => listener.QueueLimit is null))
        {
            return new Verdict(VerdictLevel.Unknown, "Nothing was found, but not known: how full accept queues are", "");
        }

        var notes = findings?.Length ?? 0;
        return new Verdict(VerdictLevel.Good, "Nothing to worry about", notes == 0 ? "" : Many(notes, "remark"));
    }
}
