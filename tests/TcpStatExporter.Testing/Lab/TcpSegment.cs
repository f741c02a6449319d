using System.Buffers.Binary;
using System.Net;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// An IPv4 packet with a TCP segment without data (RFC 9293), for a raw socket. The source address does not have to exist.
/// </summary>
internal static class TcpSegment
{
    public const byte Syn = 0x02;
    public const byte Ack = 0x10;

    private const int IpBytes = 20;
    private const int TcpBytes = 20;

    /// <summary>Creates a packet.</summary>
    /// <param name="source">Source address to put into the packet.</param>
    /// <param name="destination">Destination.</param>
    /// <param name="flags">TCP flags.</param>
    /// <param name="sequence">Sequence number.</param>
    /// <param name="acknowledgement">Acknowledgement number.</param>
    public static byte[] Make(IPEndPoint source, IPEndPoint destination, byte flags, uint sequence, uint acknowledgement)
    {
        var packet = new byte[IpBytes + TcpBytes];

        // the kernel fills in total length, identification and checksum of the IP header (raw(7))
        packet[0] = 0x45;
        packet[8] = 64;
        packet[9] = Libc.IpProtoTcp;
        source.Address.TryWriteBytes(packet.AsSpan(12), out _);
        destination.Address.TryWriteBytes(packet.AsSpan(16), out _);

        var tcp = packet.AsSpan(IpBytes);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], (ushort)destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledgement);
        tcp[12] = TcpBytes / 4 << 4;
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], ushort.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Checksum(packet));
        return packet;
    }

    /// <summary>Returns the checksum of the segment and its pseudo header: both addresses, the protocol, the length.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> packet)
    {
        uint sum = Libc.IpProtoTcp + TcpBytes;
        for (var i = 12; i < packet.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(packet[i..]);
        }

        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
