using System.Text;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor;

/// <summary>
/// The kernel parameters that findings suggest, as a file for /etc/sysctl.d: each one once, with its current value and the
/// finding that suggests it. If two findings suggest different values, the worse finding wins.
/// </summary>
internal static class SysctlFile
{
    /// <summary>Writes the whole file.</summary>
    /// <param name="advice">What the rules said.</param>
    /// <param name="isAll">Include findings that most hosts have.</param>
    public static string Write(Advice advice, bool isAll = false)
    {
        var text = new StringBuilder("# Written by tcpstat-exporter doctor. Contains only what its findings on this machine call for.\n");
        text.Append("# Nothing has been applied yet. Read this, copy it to /etc/sysctl.d, and apply it with: sysctl -p FILE\n");
        var wanted = advice.Told(isAll)
            .SelectMany(found => found.Finding.Changes.Select(change => (found.Rule, found.Finding, Change: change)))
            .Where(entry => entry.Change.Parameter is not null)
            .GroupBy(entry => entry.Change.Parameter!.Value)
            .ToArray();
        if (wanted.Length == 0)
        {
            text.Append("#\n# No finding calls for a kernel parameter.\n");
        }

        foreach (var parameter in wanted)
        {
            var (rule, finding, change) = parameter.First();
            text.Append($"\n# {rule.Id}: {OneLine(finding.Title)}\n");
            text.Append($"# {OneLine(change.Text)}\n");
            text.Append($"# cost: {OneLine(finding.Cost)}\n");
            foreach (var other in parameter.Skip(1))
            {
                text.Append($"# {other.Rule.Id} asks for {(other.Change.Value == change.Value ? "the same" : other.Change.Value)}\n");
            }

            text.Append($"# was: {parameter.Key.Name()} = {change.Old}\n");
            text.Append($"{parameter.Key.Name()} = {change.Value}\n");
        }

        return text.ToString();
    }

    /// <summary>A unit is named after its directory, which may contain a newline. The comment must not end there.</summary>
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
