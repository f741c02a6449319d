using System.Globalization;
using System.Text.RegularExpressions;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Makes time in rules and configurations run faster: divides every duration that Prometheus or Alertmanager uses by the
/// factor, and changes nothing else. The test sets its own scrape intervals.
/// </summary>
/// <param name="factor">How many times faster.</param>
internal sealed partial class TimeScale(int factor)
{
    /// <summary>
    /// Twenty times faster: 5 minutes become 15 seconds. The shortest range, 2 minutes, still contains six scrapes at one per
    /// second, and the longest alert (30 minutes of history) fires within two minutes.
    /// </summary>
    public static TimeScale Laboratory { get; } = new(20);

    private static readonly (string Unit, long Milliseconds)[] Units =
    [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ];

    /// <summary>Returns a scaled duration.</summary>
    /// <param name="real">The real duration.</param>
    public TimeSpan Shorten(TimeSpan real) => real / factor;

    /// <summary>Returns the file with all durations divided by the factor.</summary>
    /// <param name="text">A rule file or an Alertmanager configuration.</param>
    /// <exception cref="FormatException">A scaled duration would not be a whole number of milliseconds.</exception>
    public string Shorten(string text) => Durations().Replace(text, match =>
    {
        var (milliseconds, rest) = Math.DivRem(Parse(match.ValueSpan), factor);
        return rest == 0 ? Format(milliseconds) : throw new FormatException($"{match.Value} / {factor}");
    });

    /// <summary>Returns the original file.</summary>
    /// <param name="text">The output of <see cref="Shorten(string)"/>.</param>
    public string Lengthen(string text) => Durations().Replace(text, match => Format(Parse(match.ValueSpan) * factor));

    /// <summary>Returns all durations in the file, in order.</summary>
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

    /// <summary>Formats a duration in the largest unit without a remainder.</summary>
    private static string Format(long milliseconds)
    {
        var (unit, size) = Array.Find(Units, unit => milliseconds % unit.Milliseconds == 0);
        return $"{milliseconds / size}{unit}";
    }

    // ranges and subqueries [5m] [1h:30s], offsets, and the keys of both programs that hold a duration
    [GeneratedRegex(@"(?<=\[)(?:\d+(?:ms|[smhd]))+(?=[\]:])|(?<=\[\w+:)(?:\d+(?:ms|[smhd]))+(?=\])|(?<=\boffset )(?:\d+(?:ms|[smhd]))+\b|(?<=^\s*(?:- )?(?:for|keep_firing_for|group_wait|group_interval|repeat_interval|resolve_timeout): )(?:\d+(?:ms|[smhd]))+\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Durations();
}
