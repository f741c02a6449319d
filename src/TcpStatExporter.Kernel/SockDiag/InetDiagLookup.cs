using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// A request for one connection, TCPDIAG_GETSOCK without NLM_F_DUMP: net/ipv4/inet_diag.c, inet_diag_get_exact_compat(). The
/// kernel finds it by its hash, so the cost does not grow with the table. If it is gone, the answer is an error: ENOENT, or
/// ESTALE if another socket has the same endpoints. Requests INET_DIAG_SKMEMINFO and, if asked to, INET_DIAG_INFO.
/// </summary>
internal static class InetDiagLookup
{
    /// <summary>Size of a request in bytes.</summary>
    public const int Size = NlMsgHdr.Size + InetDiagReq.Size;

    private const byte Info = 1 << (InetDiagReply.AttributeInfo - 1);
    private const byte Memory = 1 << (InetDiagReply.AttributeSkMemInfo - 1);

    /// <summary>Writes the message.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <param name="id">The connection.</param>
    /// <param name="sequence">Sequence number for the reply.</param>
    /// <param name="withInfo">Request INET_DIAG_INFO.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is too short.</exception>
    public static void Write(Span<byte> destination, in TcpSocketId id, uint sequence, bool withInfo = true)
    {
        var header = new NlMsgHdr { Length = Size, Type = InetDiagRequest.Type, Flags = NlMsgHdr.FlagRequest, Sequence = sequence };
        var request = new InetDiagReq { Family = (byte)id.LocalAddress.Family, Extensions = withInfo ? (byte)(Info | Memory) : Memory };
        request.Id.SourcePort = ToNetworkOrder(id.LocalPort);
        request.Id.DestinationPort = ToNetworkOrder(id.RemotePort);
        WriteAddress(ref request.Id.Source, id.LocalAddress);
        WriteAddress(ref request.Id.Destination, id.RemoteAddress);
        request.Id.Interface = id.Interface;
        request.Id.CookieLow = (uint)id.Cookie;
        request.Id.CookieHigh = (uint)(id.Cookie >> 32);
        MemoryMarshal.Write(destination, in header);
        MemoryMarshal.Write(destination[NlMsgHdr.Size..], in request);
    }

    private static void WriteAddress(ref InetDiagSockId.Address destination, IpAddress address)
    {
        Span<byte> bytes = destination;
        if (address.Family == IpFamily.IPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)address.Low);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, address.High);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], address.Low);
        }
    }

    private static ushort ToNetworkOrder(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
