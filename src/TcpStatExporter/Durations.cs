using System.Buffers;
using System.Globalization;

namespace TcpStatExporter;

/// <summary>Durations in the format of Prometheus exporters, for flags and the web configuration: 500ms, 5s, 1m.</summary>
internal static class Durations
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        // "ms" before "s" and "m": the first suffix that fits is used
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>
    /// Parses a duration: one or more numbers, with or without a fraction, each followed by ms, s, m or h. Example: 1m30s.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The duration.</param>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var sum = TimeSpan.Zero;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var (suffix, unit) = UnitOf(rest);
            if (suffix.Length == 0 || (number * unit.TotalHours) + sum.TotalHours >= 1_000_000)
            {
                return false;
            }

            sum += number * unit;
            rest = rest[suffix.Length..];
        }

        value = sum;
        return text.Length > 0;
    }

    /// <summary>Formats a duration in the largest unit that fits.</summary>
    /// <param name="value">The duration.</param>
    public static string Format(TimeSpan value)
    {
        var (suffix, unit) = Units.Where(u => value.Ticks % u.Unit.Ticks == 0).DefaultIfEmpty(Units[0]).Last();
        return (value / unit).ToString(CultureInfo.InvariantCulture) + suffix;
    }

    private static (string Suffix, TimeSpan Unit) UnitOf(ReadOnlySpan<char> text)
    {
        foreach (var unit in Units)
        {
            if (text.StartsWith(unit.Suffix, StringComparison.Ordinal))
            {
                return unit;
            }
        }

        return ("", default);
    }
}
