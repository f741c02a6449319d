using System.Globalization;
using TcpStatExporter.Advisor;

namespace TcpStatExporter.Top;

/// <summary>Numbers that fit into a column. Unknown numbers are a question mark, never 0.</summary>
internal static class TerminalNumber
{
    public const string NotKnown = "?";

    /// <summary>"12,345", "123k", "1.2M".</summary>
    public static string Count(double? number) => number switch
    {
        null => NotKnown,
        < 100_000 => Words.Count((long)number.Value),
        _ => Short(number.Value),
    };

    /// <summary>A rate per second: "0", "0.2", "44", "12k".</summary>
    public static string Rate(double? number) => number switch
    {
        null => NotKnown,
        0 => "0",
        < 0.1 => "<0.1",
        < 9.95 => number.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => Count(Math.Round(number.Value)),
    };

    /// <summary>"87%".</summary>
    public static string Percent(double? ratio) => ratio is { } known ? (known * 100).ToString("0", CultureInfo.InvariantCulture) + "%" : NotKnown;

    /// <summary>Fill of a queue: "87%", "full".</summary>
    public static string Fill(double? ratio) => ratio > 1 ? "full" : Percent(ratio);

    /// <summary>Bytes: "1.2G".</summary>
    public static string Bytes(long? bytes) => bytes switch
    {
        null => NotKnown,
        >= 1L << 30 => Scaled(bytes.Value / (double)(1L << 30), "G"),
        >= 1L << 20 => Scaled(bytes.Value / (double)(1L << 20), "M"),
        _ => Scaled(bytes.Value / 1024.0, "K"),
    };

    /// <summary>"2m14s", "3h05m", "12d4h".</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => $"{(int)age.TotalSeconds}s",
        { TotalHours: < 1 } => $"{age.Minutes}m{age.Seconds:00}s",
        { TotalDays: < 1 } => $"{age.Hours}h{age.Minutes:00}m",
        _ => $"{(int)age.TotalDays}d{age.Hours}h",
    };

    private static string Short(double number) => number switch
    {
        >= 999_500_000 => Scaled(number / 1_000_000_000, "G"),
        >= 999_500 => Scaled(number / 1_000_000, "M"),
        _ => Scaled(number / 1000, "k"),
    };

    private static string Scaled(double number, string unit) =>
        number.ToString(number < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture) + unit;
}
