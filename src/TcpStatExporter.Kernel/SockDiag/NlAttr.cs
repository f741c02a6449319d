using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct nlattr</c>, include/uapi/linux/netlink.h. Host byte order. Attributes start on 4-byte boundaries.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NlAttr
{
    public const int Size = 4;

    /// <summary>NLA_TYPE_MASK. The two flags above it mean "nested" and "network byte order".</summary>
    public const int TypeMask = 0x3fff;

    /// <summary>Bytes of the attribute, including this header, without padding.</summary>
    public ushort Length;
    public ushort Type;

    /// <summary>Takes the next attribute.</summary>
    /// <param name="attributes">At least <see cref="Size"/> bytes; what follows the attribute remains.</param>
    /// <param name="type">Its type, without flags.</param>
    /// <param name="value">Its value.</param>
    /// <returns>What is wrong with it.</returns>
    public static ReplyFault Next(scoped ref ReadOnlySpan<byte> attributes, out int type, out ReadOnlySpan<byte> value)
    {
        var attribute = MemoryMarshal.Read<NlAttr>(attributes);
        type = attribute.Type & TypeMask;
        value = default;
        if (attribute.Length < Size)
        {
            return ReplyFault.AttributeTooShort;
        }

        if (attribute.Length > attributes.Length)
        {
            return ReplyFault.AttributeCut;
        }

        value = attributes[Size..attribute.Length];

        // the last attribute of a message may come without its padding
        attributes = attributes[Math.Min(NlMsgHdr.Align(attribute.Length), attributes.Length)..];
        return ReplyFault.None;
    }
}
