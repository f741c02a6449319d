using System.Globalization;
using System.Net;
using System.Net.Sockets;
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
            || isBracketed != (address.AddressFamily == AddressFamily.InterNetworkV6))
        {
            return false;
        }

        value = (address, port);
        return true;
    }

    /// <summary>A listen address as a flag takes it.</summary>
    /// <param name="listen">Address, null standing for every address of the host, and port.</param>
    public static string Format((IPAddress? Address, int Port) listen) => listen.Address is null
        ? string.Create(CultureInfo.InvariantCulture, $":{listen.Port}")
        : new IPEndPoint(listen.Address, listen.Port).ToString();

    /// <summary>Why two of the listen addresses cannot be had together: one covers the other.</summary>
    /// <param name="addresses">The flag's values.</param>
    /// <returns>A sentence; null where there are no such two.</returns>
    public static string? ListenConflict(IReadOnlyList<(IPAddress? Address, int Port)> addresses)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            for (var j = 0; j < addresses.Count; j++)
            {
                // port 0 is another port each time
                if (i == j || addresses[i].Port != addresses[j].Port || addresses[i].Port == 0)
                {
                    continue;
                }

                if (Equals(addresses[i].Address, addresses[j].Address))
                {
                    return $"{Format(addresses[i])} is given twice.";
                }

                if (Coverage(addresses[i].Address, addresses[j].Address) is { } coverage)
                {
                    return $"{Format(addresses[i])} {coverage}, so it already includes {Format(addresses[j])}. Give one of the two.";
                }
            }
        }

        return null;
    }

    /// <summary>What a listen address serves that the other is part of; null where it is not.</summary>
    private static string? Coverage(IPAddress? address, IPAddress? other)
    {
        if (address is null)
        {
            return "serves every address of the host";
        }

        // the web server turns IPV6_V6ONLY off for [::]
        return address.Equals(IPAddress.IPv6Any) && other is not null ? other.AddressFamily == AddressFamily.InterNetwork ? "serves IPv4 too" : "serves every address of the host"
            : address.Equals(IPAddress.Any) && other?.AddressFamily == AddressFamily.InterNetwork ? "serves every IPv4 address"
            : null;
    }
}
