using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.View;

namespace TcpStatExporter.Web.Page;

/// <summary>Numbers as the page shows them. An unknown number is a dash.</summary>
internal static class PageNumber
{
    /// <summary>Shown for unknown values.</summary>
    public const string Unknown = "–";

    /// <summary>"12,345".</summary>
    public static string Count(long? number) => number is { } known ? Words.Count(known) : Unknown;

    /// <inheritdoc cref="Count(long?)"/>
    public static string Count(ulong? number) => number is { } known ? Words.Count(known) : Unknown;

    /// <summary>"1,234", "12.5", "0.2", and "&lt; 0.1" for a smaller number that is not zero.</summary>
    /// <param name="number">A rate per second.</param>
    public static string Rate(double? number) => number switch
    {
        null => Unknown,
        > 0 and < 0.1 => "< 0.1",
        < 100 => Words.Rate(number.Value),
        _ => Words.Count((long)Math.Round(number.Value)),
    };

    /// <summary>Fill of a queue: "87 %", "full".</summary>
    /// <param name="ratio">Length ÷ limit. Above 1 it is full.</param>
    public static string Fill(double? ratio) => ratio is { } known ? Words.Fill(known) : Unknown;

    /// <summary>"87 %". Values above 100 % are shown as they are.</summary>
    /// <param name="ratio">1 is 100 %.</param>
    public static string Percent(double? ratio) => ratio switch
    {
        null => Unknown,
        double.PositiveInfinity => "over",
        _ => Words.Percent(ratio.Value),
    };

    /// <summary>"1.5 GiB".</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 10L << 30 => Scaled(bytes, 1L << 30, "N0", "GiB"),
        >= 1L << 30 => Scaled(bytes, 1L << 30, "0.0", "GiB"),
        >= 10L << 20 => Scaled(bytes, 1L << 20, "N0", "MiB"),
        >= 1L << 20 => Scaled(bytes, 1L << 20, "0.0", "MiB"),
        _ => Scaled(bytes, 1L << 10, "N0", "KiB"),
    };

    /// <summary>A number that counts towards a limit, in its unit.</summary>
    public static string Of(LimitView limit, long? number) =>
        number is { } known ? limit.IsBytes ? Bytes(known) : Words.Count(known) : Unknown;

    /// <summary>"45 s", "12 min", "3 h", "5 days".</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 100 } => $"{Math.Round(time.TotalSeconds)} s",
        { TotalMinutes: < 100 } => $"{Math.Round(time.TotalMinutes)} min",
        { TotalHours: < 48 } => $"{Math.Round(time.TotalHours)} h",
        _ => $"{Math.Round(time.TotalDays)} days",
    };

    /// <summary>"22:58:14 UTC".</summary>
    /// <param name="unixMilliseconds">Unix time.</param>
    public static string Clock(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>"2026-11-22 22:58:14 UTC".</summary>
    /// <param name="unixMilliseconds">Unix time.</param>
    public static string Date(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Scaled(long bytes, long unit, string format, string name) =>
        ((double)bytes / unit).ToString(format, CultureInfo.InvariantCulture) + " " + name;
}
