using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>Numbers and names in the format of findings.</summary>
internal static class Words
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>"12,345".</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <inheritdoc cref="Count(long)"/>
    public static string Count(ulong number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"87 %".</summary>
    /// <param name="ratio">1 is 100 %.</param>
    public static string Percent(double ratio) => (ratio * 100).ToString(ratio < 0.1 ? "0.#" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Fill of a queue: "87 %", or "full" if it accepts no more.</summary>
    /// <param name="ratio">Length ÷ limit. Full above 1.</param>
    public static string Fill(double ratio) => ratio > 1 ? "full" : Percent(ratio);

    /// <summary>"40 s", "12 min".</summary>
    public static string Ago(TimeSpan time) =>
        time < TimeSpan.FromMinutes(2) ? $"{Math.Floor(time.TotalSeconds).ToString(CultureInfo.InvariantCulture)} s" : $"{Math.Floor(time.TotalMinutes).ToString(CultureInfo.InvariantCulture)} min";

    /// <summary>"340 ms", "1.5 s", "35 s", "12 min".</summary>
    /// <param name="seconds">Seconds.</param>
    public static string Seconds(double seconds) => seconds switch
    {
        < 0.9995 => (seconds * 1000).ToString("0", CultureInfo.InvariantCulture) + " ms",
        < 9.95 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        _ => Ago(TimeSpan.FromSeconds(seconds)),
    };

    /// <summary>"3.5".</summary>
    public static string Rate(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>"640 KiB".</summary>
    public static string Kibibytes(double bytes) => (bytes / 1024).ToString("N0", CultureInfo.InvariantCulture) + " KiB";

    /// <summary>"512 MiB".</summary>
    public static string Mebibytes(double bytes) => (bytes / Mebibyte).ToString("N0", CultureInfo.InvariantCulture) + " MiB";

    /// <summary>"10.0.0.5:443 (nginx.service)". Without the owner if it is unknown.</summary>
    public static string Name(ListenerIdentity listener) => listener.Owner.Length > 0 ? $"{Endpoint(listener)} ({listener.Owner})" : Endpoint(listener);

    /// <summary>In the format of ss(8): "10.0.0.5:443", "[::1]:443", "0.0.0.0%red0:80", "[fe80::1%eth0]:80".</summary>
    public static string Endpoint(ListenerIdentity listener)
    {
        var device = listener.Device.Length > 0 ? $"%{listener.Device}" : "";
        return listener.Address.Family == IpFamily.IPv6
            ? $"[{listener.AddressText}{device}]:{listener.Port}"
            : $"{listener.AddressText}{device}:{listener.Port}";
    }

    /// <summary>"10.0.0.5:443", "[::1]:443".</summary>
    public static string Endpoint(IpAddress address, ushort port) => address.ToString(port);

    /// <summary>Returns the first name, and how many more there are.</summary>
    public static string Names(IReadOnlyList<ListenerIdentity> listeners) =>
        listeners.Count == 1 ? Name(listeners[0]) : $"{Name(listeners[0])} and {listeners.Count - 1} more";

    /// <summary>Returns at most ten lines, and how many were left out.</summary>
    public static IReadOnlyList<string> AtMostTen(IReadOnlyList<string> lines) =>
        lines.Count <= 10 ? lines : [.. lines.Take(10), $"and {lines.Count - 10} more"];
}
