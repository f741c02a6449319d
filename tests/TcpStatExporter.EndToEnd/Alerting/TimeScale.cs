using System.Globalization;
using System.Text.RegularExpressions;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Makes the time of rules and configurations run faster: every duration that Prometheus or Alertmanager acts on is
/// divided by the factor, and nothing else is touched. Scrape intervals are the laboratory's own.
/// </summary>
/// <param name="factor">How many times faster.</param>
internal sealed partial class TimeScale(int factor)
{
    /// <summary>
    /// Twenty times faster: 5 minutes are 15 seconds. The shortest range, of 2 minutes, still holds six scrapes of one
    /// second each, and the longest alert (30 minutes of history) comes within two minutes.
    /// </summary>
    public static TimeScale Laboratory { get; } = new(20);

    private static readonly (string Unit, long Milliseconds)[] Units =
    [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ];

    /// <summary>How long something takes in the laboratory.</summary>
    /// <param name="real">How long it takes.</param>
    public TimeSpan Shorten(TimeSpan real) => real / factor;

    /// <summary>The file with every duration divided by the factor.</summary>
    /// <param name="text">A rule file, or a configuration of Alertmanager.</param>
    /// <exception cref="FormatException">A duration of which no whole milliseconds would be left.</exception>
    public string Shorten(string text) => Durations().Replace(text, match =>
    {
        var (milliseconds, rest) = Math.DivRem(Parse(match.ValueSpan), factor);
        return rest == 0 ? Format(milliseconds) : throw new FormatException($"{match.Value} / {factor}");
    });

    /// <summary>The file that was shortened.</summary>
    /// <param name="text">What <see cref="Shorten(string)"/> made.</param>
    public string Lengthen(string text) => Durations().Replace(text, match => Format(Parse(match.ValueSpan) * factor));

    /// <summary>Every duration in the file, in its order.</summary>
    /// <param name="text">The file.</param>
    public static IReadOnlyList<TimeSpan> In(string text) =>
        [.. Durations().Matches(text).Select(match => TimeSpan.FromMilliseconds(Parse(match.ValueSpan)))];

    private static long Parse(ReadOnlySpan<char> duration)
    {
        var total = 0L;
        while (!duration.IsEmpty)
        {
            var digits = duration.IndexOfAnyExceptInRange('0', '9');
            var rest = duration[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9');
            var unit = letters < 0 ? rest.ToString() : rest[..letters].ToString();
            total += long.Parse(duration[..digits], NumberStyles.None, CultureInfo.InvariantCulture)
                * Array.Find(Units, candidate => candidate.Unit.Equals(unit, StringComparison.Ordinal)).Milliseconds;
            duration = rest[unit.Length..];
        }

        return total;
    }

    /// <summary>As people write it: in the largest unit that leaves no rest.</summary>
    private static string Format(long milliseconds)
    {
        var (unit, size) = Array.Find(Units, unit => milliseconds % unit.Milliseconds == 0);
        return $"{milliseconds / size}{unit}";
    }

    // ranges and subqueries [5m] [1h:30s], offsets, and the keys of either program that hold a duration
    [GeneratedRegex(@"(?<=\[)(?:\d+(?:ms|[smhd]))+(?=[\]:])|(?<=\[\w+:)(?:\d+(?:ms|[smhd]))+(?=\])|(?<=\boffset )(?:\d+(?:ms|[smhd]))+\b|(?<=^\s*(?:- )?(?:for|keep_firing_for|group_wait|group_interval|repeat_interval|resolve_timeout): )(?:\d+(?:ms|[smhd]))+\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Durations();
}
