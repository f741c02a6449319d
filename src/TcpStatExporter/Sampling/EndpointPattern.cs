using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// A pattern for listeners: <c>ADDRESS[/PREFIX]:PORT[-PORT]</c>. Address or port can be omitted. IPv6 addresses are in
/// brackets, including their prefix. Examples: <c>:80</c>, <c>:8000-8999</c>, <c>127.0.0.0/8</c>, <c>10.0.0.5:443</c>,
/// <c>[2001:db8::/32]:443</c>, <c>[::]</c>.
/// </summary>
internal readonly record struct EndpointPattern
{
    private readonly IpAddress _network;
    private readonly int _prefix;
    private readonly ushort _lowPort;
    private readonly ushort _highPort;
    private readonly bool _anyAddress;

    private EndpointPattern(IpAddress? network, int prefix, ushort lowPort, ushort highPort)
    {
        _network = network ?? default;
        _anyAddress = network is null;
        _prefix = prefix;
        _lowPort = lowPort;
        _highPort = highPort;
    }

    /// <summary>Parses a pattern.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pattern">The pattern.</param>
    public static bool TryParse(string text, out EndpointPattern pattern)
    {
        pattern = default;
        var (host, ports) = Split(text);
        if ((host.Length == 0 && ports.Length == 0) || !TryParsePorts(ports, out var low, out var high))
        {
            return false;
        }

        IpAddress? network = null;
        var prefix = 0;
        if (host.Length > 0)
        {
            if (!TryParseNetwork(host, out var parsed, out prefix))
            {
                return false;
            }

            network = parsed;
        }

        pattern = new EndpointPattern(network, prefix, low, high);
        return true;
    }

    /// <summary>Parses a complete address. Rejects "127.1", "1" and "[::1]:80", which the framework would accept.</summary>
    /// <param name="text">The address, without brackets.</param>
    /// <param name="address">The address.</param>
    public static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && !text.StartsWith('[')
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3);

    /// <summary>Returns true if a listener matches.</summary>
    /// <param name="address">Bound address.</param>
    /// <param name="port">Bound port.</param>
    public bool Fits(IpAddress address, ushort port) =>
        port >= _lowPort && port <= _highPort && (_anyAddress || (address.Family == _network.Family && IsInNetwork(address)));

    private static (string Host, string Ports) Split(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > text.LastIndexOf(']') ? (text[..colon], text[(colon + 1)..]) : (text, "");
    }

    private static bool TryParsePorts(string text, out ushort low, out ushort high)
    {
        (low, high) = (0, ushort.MaxValue);
        if (text.Length == 0)
        {
            return true;
        }

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return ushort.TryParse(dash < 0 ? text : text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out low)
            && ushort.TryParse(dash < 0 ? text : text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out high)
            && low <= high;
    }

    private static bool TryParseNetwork(string host, out IpAddress network, out int prefix)
    {
        (network, prefix) = (default, 0);
        var isBracketed = host[0] == '[' && host[^1] == ']';
        var parts = (isBracketed ? host[1..^1] : host).Split('/');
        if (parts.Length > 2 || !TryParseAddress(parts[0], out var address)
            || isBracketed != (address.AddressFamily == AddressFamily.InterNetworkV6))
        {
            return false;
        }

        var bits = isBracketed ? 128 : 32;
        prefix = bits;
        if (parts.Length == 2
            && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        network = isBracketed
            ? IpAddress.FromIPv6(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]))
            : IpAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes));

        // an IPv4 address is stored v4-mapped, so its prefix begins after 96 bits
        prefix += 128 - bits;
        return true;
    }

    private bool IsInNetwork(IpAddress address)
    {
        var highMask = _prefix >= 64 ? ulong.MaxValue : ~(ulong.MaxValue >> _prefix);
        var lowMask = _prefix <= 64 ? 0 : _prefix == 128 ? ulong.MaxValue : ~(ulong.MaxValue >> (_prefix - 64));
        return ((address.High ^ _network.High) & highMask) == 0 && ((address.Low ^ _network.Low) & lowMask) == 0;
    }
}
