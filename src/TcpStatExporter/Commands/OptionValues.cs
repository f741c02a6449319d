using System.Globalization;
using System.Net;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Commands;

/// <summary>Values of flags that have a form of their own, as Prometheus exporters write them.</summary>
internal static class OptionValues
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        // "ms" before "s" and "m": the suffix that fits first is taken
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    /// <summary>A duration: a number, with a fraction or not, and ms, s, m or h.</summary>
    /// <param name="text">The flag's value.</param>
    /// <param name="value">The duration.</param>
    public static bool TryParseDuration(string text, out TimeSpan value)
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

    /// <summary>A duration as a flag takes it.</summary>
    /// <param name="value">The duration.</param>
    public static string Format(TimeSpan value)
    {
        var (suffix, unit) = Units.Where(u => value.Ticks % u.Unit.Ticks == 0).DefaultIfEmpty(Units[0]).Last();
        return (value / unit).ToString(CultureInfo.InvariantCulture) + suffix;
    }

    /// <summary>Where to listen: ":10006", "127.0.0.1:10006", "[::1]:10006", "localhost:10006".</summary>
    /// <param name="text">The flag's value.</param>
    /// <param name="value">Address, null standing for every address of the host, and port; port 0 lets the kernel choose.</param>
    public static bool TryParseListenAddress(string text, out (IPAddress? Address, int Port) value)
    {
        value = default;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = text[..colon];
        if (host.Length == 0)
        {
            value = (null, port);
            return true;
        }

        if (host == "localhost")
        {
            value = (IPAddress.Loopback, port);
            return true;
        }

        var isBracketed = host[0] == '[' && host[^1] == ']';
        if (!EndpointPattern.TryParseAddress(isBracketed ? host[1..^1] : host, out var address)
            || isBracketed != (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
        {
            return false;
        }

        value = (address, port);
        return true;
    }
}
