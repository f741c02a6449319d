using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Web;

/// <summary>An address to listen on.</summary>
/// <param name="Address">The address. Null means every address of the host.</param>
/// <param name="Port">The port. With 0, the kernel chooses one.</param>
internal readonly record struct ListenAddress(IPAddress? Address, int Port)
{
    /// <summary>Default port. Other exporters may use it too.</summary>
    public const int DefaultPort = 10006;

    /// <summary>Parses ":10006", "10006", "*:10006", "127.0.0.1:10006", "[::1]:10006", "localhost:10006".</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The address and port.</param>
    public static bool TryParse(string text, out ListenAddress value)
    {
        value = default;
        var colon = text.LastIndexOf(':');
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = colon < 0 ? "" : text[..colon];
        if (host is "" or "*")
        {
            value = new ListenAddress(null, port);
            return true;
        }

        if (host == "localhost")
        {
            value = new ListenAddress(IPAddress.Loopback, port);
            return true;
        }

        var isBracketed = host[0] == '[' && host[^1] == ']';
        if (!EndpointPattern.TryParseAddress(isBracketed ? host[1..^1] : host, out var address)
            || isBracketed != (address.AddressFamily == AddressFamily.InterNetworkV6))
        {
            return false;
        }

        value = new ListenAddress(address, port);
        return true;
    }

    /// <summary>Returns why two listen addresses cannot be used together: one covers the other.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <returns>A sentence, or null if there is no conflict.</returns>
    public static string? Conflict(IReadOnlyList<ListenAddress> addresses)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            for (var j = 0; j < addresses.Count; j++)
            {
                // port 0 is a different port each time
                if (i == j || addresses[i].Port != addresses[j].Port || addresses[i].Port == 0)
                {
                    continue;
                }

                if (addresses[i] == addresses[j])
                {
                    return $"{addresses[i]} is given twice.";
                }

                if (Coverage(addresses[i].Address, addresses[j].Address) is { } coverage)
                {
                    return $"{addresses[i]} {coverage}, so it already includes {addresses[j]}. Give one of the two.";
                }
            }
        }

        return null;
    }

    /// <summary>Returns the address in the format of the flag.</summary>
    public override string ToString() => Address is null
        ? string.Create(CultureInfo.InvariantCulture, $":{Port}")
        : new IPEndPoint(Address, Port).ToString();

    /// <summary>Returns what a listen address covers, if that includes the other address. Otherwise null.</summary>
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
