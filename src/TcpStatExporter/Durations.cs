using System.Globalization;

namespace TcpStatExporter;

/// <summary>Durations as Prometheus exporters write them, in flags and in the web configuration: 500ms, 5s, 1m.</summary>
internal static class Durations
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        // "ms" before "s" and "m": the suffix that fits first is taken
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    /// <summary>Reads a duration: a number, with a fraction or not, and ms, s, m or h.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The duration.</param>
    public static bool TryParse(string text, out TimeSpan value)
    {
        foreach (var (suffix, unit) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                var isNumber = double.TryParse(
                    text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);

                // "Infinity" and "NaN" are numbers to the framework
                var isSound = isNumber && double.IsFinite(number) && number * unit.TotalHours < 1_000_000;
                value = isSound ? number * unit : default;
                return isSound;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Writes a duration, in the largest unit that fits.</summary>
    /// <param name="value">The duration.</param>
    public static string Format(TimeSpan value)
    {
        var (suffix, unit) = Units.Where(u => value.Ticks % u.Unit.Ticks == 0).DefaultIfEmpty(Units[0]).Last();
        return (value / unit).ToString(CultureInfo.InvariantCulture) + suffix;
    }
}
