using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Web;

/// <summary>
/// The owner of a connection, for limits per client: an IPv4 address, or the /64 of an IPv6 address, because one host has all
/// of a /64.
/// </summary>
internal readonly record struct Peer
{
    private readonly ulong _network;

    private Peer(ulong network) => _network = network;

    /// <summary>Returns the peer of a connection.</summary>
    /// <param name="address">Its remote address. Null if it has none, such as a Unix socket.</param>
    public static Peer Of(IPAddress? address)
    {
        if (address is null)
        {
            return default;
        }

        Span<byte> bytes = stackalloc byte[16];
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out _);
        return new Peer(plain.AddressFamily == AddressFamily.InterNetwork ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
